"""Which keys the API writes: those that are always there, and the zero values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["CHAT", "MESSAGE", "PART", "QUEUED", "check_moment", "check_part"]

_ZERO_PART: Final[Mapping[str, Any]] = {
    "text": "",
    "url": "",
    "media_type": "",
    "file_name": "",
    "start_line": 0,
    "end_line": 0,
    "content": "",
    "context_file_path": "",
    "skill_name": "",
    "mcp_server_config_id": None,
    "file_id": None,
    "context_file_agent_id": None,
}
PART: Final = frozenset({"type", *_ZERO_PART})
"""What every part has, whatever its type."""

CHAT: Final = frozenset(
    {
        "id",
        "organization_id",
        "owner_id",
        "owner_username",
        "owner_name",
        "root_chat_id",
        "last_model_config_id",
        "title",
        "status",
        "last_turn_summary",
        "created_at",
        "updated_at",
        "archived",
        "pin_order",
        "mcp_server_ids",
        "labels",
        "has_unread",
        "client_type",
        "children",
    }
)
"""What a root chat without anything special has."""

MESSAGE: Final = frozenset(
    {"id", "chat_id", "model_config_id", "created_at", "role", "content"}
)
"""What every stored message has."""

QUEUED: Final = frozenset({"id", "chat_id", "model_config_id", "content", "created_at"})
"""What a queued message has, and nothing else."""

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z")


def check_part(part: Mapping[str, Any], **expected: Any) -> None:
    """A part has these values, zero values elsewhere, and no other key."""
    timeless = {key: value for key, value in part.items() if key != "created_at"}
    if "created_at" in part:
        check_moment(part["created_at"])
    assert timeless == {**_ZERO_PART, **expected}


def check_moment(text: str) -> None:
    """RFC 3339 in UTC, without zeros at the end of the fraction."""
    assert _MOMENT.fullmatch(text), text
