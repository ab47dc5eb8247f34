"""Groups of users, and who is in them."""

from __future__ import annotations

from typing import Annotated

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire.ids import GroupId, OrganizationId, UserId
from coderchat_jupyter.wire.users import User

__all__ = ["Group", "ReducedUser", "UserList"]


class ReducedUser(WireModel):
    """A person as far as others may know them (upstream `ReducedUser`)."""

    id: UserId
    username: str = ""
    name: Annotated[str, OMIT] = ""
    avatar_url: Annotated[str, OMIT] = ""
    email: str = ""
    created_at: Moment = ZERO_TIME
    updated_at: Moment = ZERO_TIME
    last_seen_at: Moment = ZERO_TIME
    status: str = "active"
    login_type: str = "token"


class Group(WireModel):
    """Users of one organization under a name (upstream `Group`).

    `members` may be fewer than `total_member_count` says: those whom the caller may
    see.
    """

    id: GroupId
    name: str = ""
    display_name: str = ""
    organization_id: OrganizationId = OrganizationId("")
    members: Items[ReducedUser] = ()
    total_member_count: int = 0
    avatar_url: str = ""
    quota_allowance: int = 0
    source: str = "user"
    organization_name: str = ""
    organization_display_name: str = ""


class UserList(WireModel):
    """A page of users (upstream `GetUsersResponse`); `count` is that of all pages."""

    users: Items[User] = ()
    count: int = 0
