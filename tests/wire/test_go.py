"""What Go's encoder does, which clients of this API rely on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.wire._go import ZERO_TIME, dumps, encode, go_time
from coderchat_jupyter.wire._values import plain_decimal
from coderchat_jupyter.wire.chats import Chat, UpdateChat
from coderchat_jupyter.wire.events import QueueUpdateEvent
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message, QueuedMessage
from coderchat_jupyter.wire.models import ModelConfig
from coderchat_jupyter.wire.parts import TextPart, ToolCallPart

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "2026-06-03T12:00:00Z"),
        (NOON.replace(microsecond=120430), "2026-06-03T12:00:00.12043Z"),
        (NOON.astimezone(timezone(timedelta(hours=2))), "2026-06-03T12:00:00Z"),
        (NOON.replace(tzinfo=None), "2026-06-03T12:00:00Z"),
        (ZERO_TIME, "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_utc_with_as_few_digits_as_needed(
    moment: datetime, text: str
) -> None:
    """Clients compare times as text."""
    assert go_time(moment) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("15.250", "15.25"), ("3", "3"), ("30", "30"), ("1E+2", "100"), ("0.30", "0.3")],
)
def test_prices_are_written_in_the_shortest_plain_notation(
    value: str, text: str
) -> None:
    """A Go decimal never writes an exponent."""
    assert plain_decimal(Decimal(value)) == text


def test_a_part_carries_a_dozen_fields_whatever_its_type() -> None:
    """Typed clients of that release read them without asking."""
    assert encode(TextPart(text="hi")) == {
        "type": "text",
        "text": "hi",
        "mcp_server_config_id": None,
        "url": "",
        "media_type": "",
        "file_id": None,
        "file_name": "",
        "start_line": 0,
        "end_line": 0,
        "content": "",
        "context_file_path": "",
        "context_file_agent_id": None,
        "skill_name": "",
    }


def test_empty_optional_fields_vanish_and_the_others_stay() -> None:
    """A message without parts has no content key; a queued one keeps it."""
    message = Message(id=2, chat_id=ChatId("c"), created_at=NOON, role="assistant")
    queued = QueuedMessage(id=1, chat_id=ChatId("c"), created_at=NOON)

    assert "content" not in encode(message)
    assert encode(queued)["content"] == []


def test_an_empty_queue_leaves_its_key_out() -> None:
    """Readers take the missing key for an empty queue."""
    event = encode(QueueUpdateEvent(chat_id=ChatId("c")))

    assert event == {"type": "queue_update", "chat_id": "c"}


def test_a_pointer_to_zero_is_sent() -> None:
    """Unpinning is `pin_order: 0`; not sending it would mean: keep."""
    assert encode(UpdateChat(pin_order=0, archived=False)) == {
        "pin_order": 0,
        "archived": False,
    }


def test_a_chat_always_says_its_summary_and_its_children() -> None:
    """Null and [] are values here, not absences."""
    chat = encode(Chat(id=ChatId("c"), created_at=NOON, updated_at=NOON))

    assert chat["last_turn_summary"] is None
    assert chat["children"] == []
    assert chat["labels"] == {}
    assert "files" not in chat


def test_markup_is_escaped_and_each_document_ends_a_line() -> None:
    """The bytes are safe inside a page, as Go's are."""
    raw = dumps({"a": "<b>&\u2028"})

    assert raw == b'{"a":"\\u003cb\\u003e\\u0026\\u2028"}\n'
    assert json.loads(raw) == {"a": "<b>&\u2028"}


def test_half_a_surrogate_pair_is_a_replacement_character_as_in_go() -> None:
    """Model output may hold half a character."""
    assert dumps("a\ud800<") == '"a\ufffd\\u003c"\n'.encode()


def test_what_was_read_is_written_back_with_its_unknown_keys() -> None:
    """Reading, editing and writing a config must lose nothing of a newer server."""
    body = {
        "id": "m",
        "model": "atlas",
        "novelty": {"a": 1},
        "model_config": {
            "temperature": 0.5,
            "cost": {"input_price_per_million_tokens": "3"},
            "provider_options": {"openaicompat": {"effort": "odd"}},
            "later": [1],
        },
    }

    config = ModelConfig.model_validate(body)

    assert encode(config, only_set=True) == body


@given(st.binary(max_size=64).map(lambda b: b.decode("utf-8", "replace")))
def test_any_text_survives_encoding(text: str) -> None:
    """Escaping is reversible."""
    assert json.loads(dumps({"t": text})) == {"t": text}


def test_a_call_without_arguments_has_no_args_key() -> None:
    """`chat_summarized` is announced without them."""
    assert "args" not in encode(ToolCallPart(tool_call_id="c", tool_name="t"))
