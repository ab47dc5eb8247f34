"""How long and how much a tool server may take."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed; more of it costs a server its tools, or a call its result.

    Attributes:
        connect_seconds: To be reached, to say who it is and which tools it has.
        call_seconds: To answer one call.
        close_seconds: To take leave.
        answer_bytes: One message of it.
        text_characters: What a model reads of one result.
        media_bytes: A picture or a sound in a result.
        schema_characters: The arguments of one tool, as JSON.
        description_characters: What a tool says of itself; the rest is cut off.
        tools: Of all servers of a turn. Vendors take no more than 128 in all.
    """

    connect_seconds: float = 10.0
    call_seconds: float = 60.0
    close_seconds: float = 2.0
    answer_bytes: int = 8 * 2**20
    text_characters: int = 256 * 2**10
    media_bytes: int = 2**20
    schema_characters: int = 64 * 2**10
    description_characters: int = 8 * 2**10
    tools: int = 100
