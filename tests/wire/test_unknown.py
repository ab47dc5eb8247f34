"""What is unknown is kept, and it is said what it was."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from pydantic import TypeAdapter

from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.framing import decode_frame
from coderchat_jupyter.wire.unknown import count_unknown, unknown_in
from tests.wire.contract import contract

SAMPLE = contract("g1").sample


def with_part(part: dict[str, Any]) -> dict[str, Any]:
    message = {**SAMPLE("ChatMessage", "full"), "role": "user", "content": [part]}
    return {"type": "message", "chat_id": "c", "message": message}


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"type": "applause", "chat_id": "c"}, ["event type applause"]),
        (
            {"type": "status", "status": {"status": "napping"}},
            ["Status.status = napping"],
        ),
        (with_part({"type": "hologram"}), ["part type hologram"]),
        (with_part({"type": "text", "mood": "blue"}), ["TextPart.mood"]),
        ({"type": "preview_reset", "why": 1}, ["PreviewResetEvent.why"]),
        ({"type": ["odd"]}, ["event type ['odd']"]),
        ({"type": "a b\u202e" + "c" * 99}, ["event type a?b?" + "c" * 56]),
        (with_part({"type": "text", "text": "hi"}), []),
    ],
)
def test_an_event_says_what_is_unknown_in_it(
    event: dict[str, Any], named: list[str]
) -> None:
    """The names and words alone: what fields hold may be private."""
    (decoded,) = decode_frame(json.dumps([event]))

    assert list(unknown_in(decoded)) == named
    assert encode(decoded, only_set=True) == event


def test_a_status_of_a_newer_server_is_told_and_kept() -> None:
    """Statuses have come and gone with every release."""
    body = {**SAMPLE("Chat", "full"), "status": "napping"}

    chat = decode(TypeAdapter(Chat), json.dumps(body), what="chat")

    assert "Chat.status = napping" in list(unknown_in(chat))
    assert encode(chat, only_set=True) == body


def test_names_that_a_server_makes_up_are_counted_together() -> None:
    """Otherwise it could fill our memory with them."""
    counts: Counter[str] = Counter()

    for number in range(1_500):
        count_unknown(decode_frame(f'[{{"type":"made-up-{number}"}}]'), counts)

    assert len(counts) == 1_001
    assert counts["others"] == 500
