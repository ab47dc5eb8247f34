"""Sharing: who else may read a chat."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._values import Items, Table
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.ids import GroupId, OrganizationId, UserId

__all__ = ["AccessList", "ChatRole", "SharedGroup", "SharedUser", "UpdateAccess"]

ChatRole: TypeAlias = Annotated[str, Words("read")]
"""`read` may see everything and change nothing; an empty role takes access away."""


class SharedUser(WireModel):
    """A user who may read a chat (upstream `ChatUser`)."""

    id: UserId
    username: str = ""
    name: Annotated[str, OMIT] = ""
    avatar_url: Annotated[str, OMIT] = ""
    role: ChatRole = "read"


class SharedGroup(WireModel):
    """A group whose members may read a chat (upstream `ChatGroup`).

    `members` is mostly empty: the server does not list them here, only counts them.
    """

    id: GroupId
    name: str = ""
    display_name: str = ""
    organization_id: OrganizationId = OrganizationId("")
    members: Items[Table[Any]] = ()
    total_member_count: int = 0
    avatar_url: str = ""
    quota_allowance: int = 0
    source: str = ""
    organization_name: str = ""
    organization_display_name: str = ""
    role: ChatRole = "read"


class AccessList(WireModel):
    """Who may read a chat besides its owner (upstream `ChatACL`)."""

    users: Items[SharedUser] = ()
    groups: Items[SharedGroup] = ()


class UpdateAccess(WireModel):
    """Body of a change: only who is named changes (upstream `UpdateChatACL`)."""

    user_roles: Annotated[dict[UserId, ChatRole], OMIT] = Field(default_factory=dict)
    group_roles: Annotated[dict[GroupId, ChatRole], OMIT] = Field(default_factory=dict)
