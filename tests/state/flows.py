"""Recorded sockets: what real servers sent, and the messages they held in the end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from coderchat_jupyter.wire.framing import Batch, decode_frame
from coderchat_jupyter.wire.messages import Message, MessagesPage

__all__ = ["NAMES", "RELEASES", "Flow", "Socket", "flow"]

RELEASES: Final = ("v2.33.9", "v2.34.0", "v2.36.0")
NAMES: Final = (
    "hello",
    "second_turn",
    "queue",
    "interrupt",
    "edit_idle",
    "provider_drop",
)

_FIXTURES: Final = Path(__file__).parent.parent / "fixtures" / "flows"


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


@dataclass(frozen=True, slots=True)
class Flow:
    """The connections of one conversation, and its messages at the end."""

    sockets: tuple[Socket, ...]
    messages: tuple[Message, ...]


def flow(release: str, name: str) -> Flow:
    """Read one recording."""
    told: dict[str, Any] = json.loads(
        (_FIXTURES / release / f"{name}.json").read_text()
    )
    (end,) = told["messages_at_end"].values()
    page = MessagesPage.model_validate(
        end if isinstance(end, dict) else {"messages": end}
    )
    return Flow(
        sockets=tuple(_socket(entry) for entry in told["sockets"]),
        messages=tuple(sorted(page.messages, key=lambda message: message.id)),
    )


def _socket(entry: dict[str, Any]) -> Socket:
    query = parse_qs(urlsplit(entry["path"]).query)
    return Socket(
        after_id=int(query.get("after_id", ["0"])[0]),
        texts=tuple(json.dumps(frame["data"]) for frame in entry["frames"]),
    )
