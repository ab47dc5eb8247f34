"""Pictures that tools gave, as a model is shown them later."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from coderchat_jupyter.server.engine.history import conversation
from coderchat_jupyter.server.providers._protocol import FileContent, ToolResultContent
from coderchat_jupyter.server.storage.rows import MessageRow
from coderchat_jupyter.wire.ids import ChatId

PIXEL = b"0123456789"
TOLD = base64.b64encode(PIXEL).decode()


def row_with(result: dict[str, Any]) -> MessageRow:
    part = {"type": "tool-result", "tool_call_id": "c", "tool_name": "t"}
    return MessageRow(
        id=2,
        chat_id=ChatId("c"),
        created_by=None,
        model_config_id=None,
        role="tool",
        visibility="both",
        content=({**part, "is_media": True, "result": result},),
        usage=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def read(result: dict[str, Any]) -> ToolResultContent:
    ((found,),) = (message.parts for message in conversation([row_with(result)]))
    assert isinstance(found, ToolResultContent)
    return found


def test_a_model_gets_the_picture_and_a_word_about_it() -> None:
    found = read({"data": TOLD, "mime_type": "image/png", "text": "A map"})

    assert found.picture == FileContent("picture.png", "image/png", PIXEL)
    assert found.text == "A map\n[image/png of 10 bytes, shown to the user]"


@pytest.mark.parametrize(
    "odd",
    [
        {"data": TOLD, "mime_type": "image/svg+xml"},
        {"data": TOLD, "mime_type": "audio/wav"},
        {"data": "not base64!", "mime_type": "image/png"},
        {"data": "", "mime_type": "image/png"},
        {"data": 7, "mime_type": "image/png"},
        {"data": "A" * 6_000_000, "mime_type": "image/png"},
        {"data": TOLD, "mime_type": ["image/png"]},
    ],
    ids=["drawing", "sound", "garbled", "empty", "number", "huge", "list"],
)
def test_what_no_vendor_takes_is_told_in_words_alone(odd: dict[str, Any]) -> None:
    found = read({**odd, "text": "A map"})

    assert found.picture is None
    assert found.text.startswith("A map")


def test_the_newest_pictures_that_fit_together_are_shown() -> None:
    """The others are told of: a request may not grow for ever."""
    large = {"data": "A" * 4_000_000, "mime_type": "image/png"}
    rows = [row_with(large) for _ in range(8)]

    found = [part for message in conversation(rows) for part in message.parts]

    assert all(isinstance(part, ToolResultContent) for part in found)
    seen = [getattr(part, "picture", None) is not None for part in found]
    assert seen == [False] * 2 + [True] * 6
    assert {getattr(part, "text", "") for part in found} == {
        "[image/png of 3000000 bytes, shown to the user]"
    }
