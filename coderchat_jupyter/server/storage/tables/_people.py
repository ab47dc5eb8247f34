"""Users, what signs them in, and what they belong to."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from coderchat_jupyter.server.storage.tables._columns import (
    flag,
    identity,
    member,
    metadata,
    moment,
    reference,
)

__all__ = ["group_members", "groups", "members", "organizations", "tokens", "users"]

users: Final = Table(
    "users",
    metadata,
    identity(),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", Text(), nullable=False),
    Column("email", Text(), nullable=False),
    flag("is_admin"),
    moment("created_at"),
    moment("updated_at"),
)

# The secret half of a token is never stored, only its hash.
tokens: Final = Table(
    "tokens",
    metadata,
    Column("id", String(10), primary_key=True),
    reference("user_id", "users.id"),
    Column("hashed_secret", String(64), nullable=False),
    moment("created_at"),
)

organizations: Final = Table(
    "organizations",
    metadata,
    identity(),
    Column("name", String(64), nullable=False, unique=True),
    Column("display_name", Text(), nullable=False),
    moment("created_at"),
    moment("updated_at"),
)

members: Final = Table(
    "organization_members",
    metadata,
    member("organization_id", "organizations.id"),
    member("user_id", "users.id"),
)

# Beside them every organization is a group of its own, with the organization's id.
groups: Final = Table(
    "groups",
    metadata,
    identity(),
    reference("organization_id", "organizations.id"),
    Column("name", String(64), nullable=False),
    Column("display_name", Text(), nullable=False),
    moment("created_at"),
    UniqueConstraint("organization_id", "name"),
)

group_members: Final = Table(
    "group_members",
    metadata,
    member("group_id", "groups.id"),
    member("user_id", "users.id"),
    Index("group_members_user", "user_id"),
)
