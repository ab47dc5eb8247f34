"""Identifiers, each a type of its own so that they cannot be mixed up."""

from __future__ import annotations

from typing import Final, NewType

__all__ = [
    "LAST_MESSAGE_ID",
    "ZERO_UUID",
    "ChatId",
    "FileId",
    "GroupId",
    "ModelConfigId",
    "OrganizationId",
    "ProviderId",
    "UserId",
]

ChatId = NewType("ChatId", str)
FileId = NewType("FileId", str)
GroupId = NewType("GroupId", str)
ModelConfigId = NewType("ModelConfigId", str)
OrganizationId = NewType("OrganizationId", str)
ProviderId = NewType("ProviderId", str)
UserId = NewType("UserId", str)

ZERO_UUID: Final = "00000000-0000-0000-0000-000000000000"
"""What a Go client sends for an identifier that is not set."""

LAST_MESSAGE_ID: Final = 2**63 - 1
"""As `after_id` of a stream: no stored message, only status, queue and parts."""
