"""Kinds of columns that many tables have, and the set of all tables."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    false,
)

from coderchat_jupyter.server.storage._types import UtcDateTime

__all__ = ["NUMBER", "flag", "identity", "member", "metadata", "moment", "reference"]

metadata: Final = MetaData()
"""All tables, with everything that they refer to."""

NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts up by itself in a column of just this type; it has 64 bits there."""


def identity() -> Column[str]:
    """The id of a row, which is a UUID."""
    return Column("id", String(36), primary_key=True)


def reference(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    """The id of a row elsewhere."""
    return Column(name, String(36), ForeignKey(target), nullable=nullable)


def member(name: str, target: str) -> Column[str]:
    """One half of a key that pairs two tables."""
    return Column(name, String(36), ForeignKey(target), primary_key=True)


def moment(name: str, *, nullable: bool = False) -> Column[object]:
    """An aware time."""
    return Column(name, UtcDateTime(), nullable=nullable)


def flag(name: str) -> Column[bool]:
    """A yes or no, and no if nothing is said."""
    return Column(name, Boolean(), nullable=False, server_default=false())
