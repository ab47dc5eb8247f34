"""Column types that mean the same to every database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.types import TypeDecorator

__all__ = ["Labels", "UtcDateTime"]

# What Postgres can keep in a JSON, but not read out of it.
_UNREADABLE: Final = re.compile("[\0\ud800-\udfff]")


class Labels(TypeDecorator[dict[str, str]]):
    """Texts by their keys, each of which a query can ask for.

    One odd text would fail the search through everybody's chats, so it is mended
    before it is stored.
    """

    impl = JSON
    cache_ok = True

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """A key or a path is compared as with any JSON."""
        return self.impl_instance.coerce_compared_value(op, value)

    def process_bind_param(
        self, value: Mapping[str, str] | None, dialect: Dialect
    ) -> dict[str, str] | None:
        """Put a replacement character where a database would stumble."""
        if value is None:
            return None
        return {_mended(key): _mended(text) for key, text in value.items()}


def _mended(text: str) -> str:
    return _UNREADABLE.sub("\ufffd", text)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in, the same aware time out, in UTC.

    SQLite keeps no zone: what is stored is naive UTC, so that times compare as
    text, and a naive time is refused because nobody can say what it means.
    """

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Turn an aware time into naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a time without a zone cannot be stored: {value!r}"
            raise ValueError(msg)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)
