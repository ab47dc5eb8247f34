"""Users, organizations and the build: the neighbours that a chat client needs."""

from __future__ import annotations

from typing import Annotated

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire.ids import OrganizationId, UserId

__all__ = ["BuildInfo", "Organization", "Role", "User"]


class Role(WireModel):
    """A site role, such as `owner`."""

    name: str = ""
    display_name: str = ""


class User(WireModel):
    """A person (upstream `User`, as far as chats need it)."""

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
    organization_ids: Items[OrganizationId] = ()
    roles: Items[Role] = ()
    has_ai_seat: bool = False


class Organization(WireModel):
    """An organization; every chat belongs to one."""

    id: OrganizationId
    name: str = ""
    display_name: str = ""
    description: str = ""
    icon: str = ""
    is_default: bool = False
    created_at: Moment = ZERO_TIME
    updated_at: Moment = ZERO_TIME


class BuildInfo(WireModel):
    """Which release answers (`GET /api/v2/buildinfo`)."""

    version: str = ""
    external_url: str = ""
    dashboard_url: str = ""
    telemetry: bool = False
    workspace_proxy: bool = False
    agent_api_version: str = "1.0"
    provisioner_api_version: str = "1.18"
    upgrade_message: str = ""
    deployment_id: str = ""
