"""What a newer server says in a live chat is kept, and counted by its name."""

from __future__ import annotations

import json
from typing import Any, Final

from coderchat_jupyter import ChatSession
from coderchat_jupyter.client import Client
from coderchat_jupyter.client._unknowns import Unknowns
from coderchat_jupyter.wire.framing import decode_frame
from tests.fakes.chat import CHAT_ID, wire
from tests.fakes.server import FakeCoder
from tests.session.test_reconnect import wait_for

HOLOGRAM: Final = {"type": "hologram", "x": 1}


def framed(kind: str, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "chat_id": CHAT_ID, **payload}


def piece(part: dict[str, Any]) -> dict[str, Any]:
    return framed("message_part", message_part={"role": "assistant", "part": part})


async def test_a_live_session_counts_types_words_and_fields(
    coder: FakeCoder, client: Client
) -> None:
    """Whatever way it came: an event, a part, a word, a field, a piece or a message."""
    coder.chat.store("user", "Hi")
    stored = wire(coder.chat.messages[0])
    newer = stored | {"id": 77, "content": [HOLOGRAM], "mood": "blue"}
    async with await ChatSession.open(client, CHAT_ID) as chat:
        await wait_for(lambda: bool(coder.chat.followers))
        frames: tuple[Any, ...] = (
            [framed("applause"), framed("applause")],
            [piece({"type": "text", "text": "a"}), piece(HOLOGRAM)],
            [framed("message", message=newer)],
            [framed("status", status={"status": "napping", "until": "noon"})],
        )
        for frame in frames:
            coder.chat.say(json.dumps(frame))

        await chat.until(lambda state: state.status == "napping")

        assert chat.client.unknown == {
            "event type applause": 2,
            "part type hologram": 2,
            "Message.mood": 1,
            "Status.status = napping": 1,
            "Status.until": 1,
        }
        assert chat.state.messages[-1].content[0].type == "unknown"


async def test_what_is_fetched_is_counted_too(coder: FakeCoder, client: Client) -> None:
    """A chat that is only looked at has no stream."""
    coder.chat.status = "napping"

    await client.chats.get(CHAT_ID)

    assert client.unknown == {"Chat.status = napping": 1}


async def test_a_new_field_of_a_piece_is_counted(
    coder: FakeCoder, client: Client
) -> None:
    """Of the part, of what carries it, and of the event; and a new role."""
    async with await ChatSession.open(client, CHAT_ID) as chat:
        await wait_for(lambda: bool(coder.chat.followers))
        odd = piece({"type": "text", "text": "a", "mood": "blue"}) | {"tempo": 1}
        odd["message_part"] |= {"role": "wizard", "key": "c"}
        coder.chat.say(json.dumps([odd]))
        coder.chat.set_status("running")

        await chat.until(lambda state: state.status == "running")

        assert chat.client.unknown == {
            "MessagePartEvent.tempo": 1,
            "StreamedPart.role = wizard": 1,
            "StreamedPart.key": 1,
            "TextPart.mood": 1,
        }


def test_what_is_amid_known_pieces_is_counted() -> None:
    """A frame is not known by its ends."""
    known = piece({"type": "text", "text": "a"})
    seen = Unknowns()

    seen.note_batch(decode_frame(json.dumps([known, framed("applause"), known])))

    assert seen.counted() == {"event type applause": 1}
