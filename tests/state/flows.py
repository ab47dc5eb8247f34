"""Recorded sockets: what real servers sent, and the messages they held in the end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from coderchat_jupyter.wire.framing import Batch, decode_frame
from coderchat_jupyter.wire.messages import Message, MessagesPage

__all__ = ["FLOWS", "NAMES", "RELEASES", "Flow", "Socket", "flow", "flows"]

RELEASES: Final = ("v2.33.9", "v2.34.0", "v2.36.0")

NAMES: Final = (
    "hello",
    "second_turn",
    "queue",
    "interrupt",
    "edit_idle",
    "provider_drop",
)
"""Conversations in one chat that go on until nothing runs."""

_FIXTURES: Final = Path(__file__).parent.parent / "fixtures" / "flows"

FLOWS: Final = tuple(
    (release, path.stem)
    for release in RELEASES
    for path in sorted((_FIXTURES / release).glob("*.json"))
)
"""Every recording, by release and name."""


@dataclass(frozen=True, slots=True)
class Socket:
    """One connection.

    Attributes:
        after_id: What it was opened with.
        texts: Its frames, as JSON text.
    """

    after_id: int
    texts: tuple[str, ...]

    @property
    def batches(self) -> tuple[Batch, ...]:
        """The frames, decoded."""
        return tuple(decode_frame(text) for text in self.texts)

    @property
    def events(self) -> Batch:
        """The frames, decoded, without their borders."""
        return tuple(event for batch in self.batches for event in batch)


@dataclass(frozen=True, slots=True)
class Flow:
    """The connections of one chat, and its messages at the end."""

    sockets: tuple[Socket, ...]
    messages: tuple[Message, ...]


def flow(release: str, name: str) -> Flow:
    """Read the recording of a conversation in one chat."""
    (only,) = flows(release, name)
    return only


@cache
def flows(release: str, name: str) -> tuple[Flow, ...]:
    """Read a recording: its chats whose messages were noted at the end."""
    told: dict[str, Any] = json.loads(
        (_FIXTURES / release / f"{name}.json").read_text()
    )
    return tuple(
        Flow(
            sockets=tuple(_socket(s) for s in told["sockets"] if chat_id in s["path"]),
            messages=_messages(end),
        )
        for chat_id, end in told["messages_at_end"].items()
    )


def _messages(end: Any) -> tuple[Message, ...]:
    page = MessagesPage.model_validate(
        end if isinstance(end, dict) else {"messages": end}
    )
    return tuple(sorted(page.messages, key=lambda message: message.id))


def _socket(entry: dict[str, Any]) -> Socket:
    query = parse_qs(urlsplit(entry["path"]).query)
    return Socket(
        after_id=int(query.get("after_id", ["0"])[0]),
        texts=tuple(json.dumps(frame["data"]) for frame in entry["frames"]),
    )
