"""Users, organizations and the build: the neighbours that a chat client needs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire.ids import OrganizationId, UserId
from coderchat_jupyter.wire.messages import empty_if_null

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
    created_at: datetime | None = None
    updated_at: datetime | None = None
    status: str = "active"
    organization_ids: Annotated[
        tuple[OrganizationId, ...], BeforeValidator(empty_if_null)
    ] = ()
    roles: Annotated[tuple[Role, ...], BeforeValidator(empty_if_null)] = ()


class Organization(WireModel):
    """An organization; every chat belongs to one."""

    id: OrganizationId
    name: str = ""
    display_name: str = ""
    description: str = ""
    icon: str = ""
    is_default: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None


class BuildInfo(WireModel):
    """Which release answers (`GET /api/v2/buildinfo`)."""

    version: str = ""
    external_url: str = ""
    dashboard_url: str = ""
