"""Single values: older forms that still come, and tags that are not known."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.chats import Chat, ChatWithMessages
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.messages import Message, MessagesPage
from coderchat_jupyter.wire.models import CallConfig, ModelsResponse
from coderchat_jupyter.wire.parts import (
    KNOWN_PART_TYPES,
    FilePart,
    Part,
    UnknownPart,
)
from coderchat_jupyter.wire.providers import CreateAIProvider

TIME = "2026-06-03T09:00:00.120431Z"
MESSAGE = {"id": 3, "chat_id": "c", "role": "assistant", "created_at": TIME}
CHAT: dict[str, Any] = {"id": "c", "created_at": TIME, "updated_at": TIME}


@pytest.mark.parametrize(
    ("last_error", "read"),
    [
        (None, None),
        ("", None),
        ("it broke", ChatError(message="it broke", kind="generic")),
        (
            {"message": "no key", "kind": "auth", "retryable": False},
            ChatError(message="no key", kind="auth", retryable=False),
        ),
    ],
)
def test_an_old_error_text_reads_like_a_new_error(
    last_error: Any, read: ChatError | None
) -> None:
    """Until v2.34 it was a string."""
    chat = Chat.model_validate({**CHAT, "last_error": last_error})

    assert chat.last_error == read


def test_prices_beside_the_settings_are_folded_into_cost() -> None:
    """Where both exist, the nested one wins."""
    config = CallConfig.model_validate(
        {
            "input_price_per_million_tokens": "1.5",
            "output_price_per_million_tokens": 2,
            "cost": {"output_price_per_million_tokens": "4"},
        }
    )

    assert config.cost is not None
    assert config.cost.input_price_per_million_tokens == Decimal("1.5")
    assert config.cost.output_price_per_million_tokens == Decimal(4)


def test_null_lists_read_as_empty() -> None:
    """Go writes null for a slice that was never made."""
    page = MessagesPage.model_validate({"messages": None, "queued_messages": None})
    models = ModelsResponse.model_validate(
        {"providers": [{"provider": "openai", "available": True, "models": None}]}
    )

    assert (page.messages, page.queued_messages) == ((), ())
    assert models.providers[0].models == ()


@pytest.mark.parametrize("kind", sorted(KNOWN_PART_TYPES))
def test_each_of_the_nine_part_types_has_its_class(kind: str) -> None:
    """None of them falls back to the unknown one."""
    part: Any = TypeAdapter(Part).validate_python({"type": kind})

    assert part.type == kind
    assert not isinstance(part, UnknownPart)


def test_a_stored_message_keeps_a_part_of_unknown_type() -> None:
    """REST bodies meet newer servers as streams do."""
    content = [{"type": "text", "text": "a"}, {"type": "hologram", "x": 1}]
    body = {**MESSAGE, "content": content}

    message = decode(TypeAdapter(Message), json.dumps(body), what="message")

    assert message.content[1] == UnknownPart(raw={"type": "hologram", "x": 1})


def test_an_unreadable_body_is_named_and_not_quoted() -> None:
    """The place helps to find it; its content may be private."""
    body = {**MESSAGE, "role": "s3cret", "created_at": "s3cret"}

    with pytest.raises(ProtocolError, match=r"message: created_at") as caught:
        decode(TypeAdapter(Message), json.dumps(body), what="message")

    assert "s3cret" not in str(caught.value)


def test_a_provider_key_shows_in_no_text_form() -> None:
    """Requests are logged and printed by people who debug."""
    body = CreateAIProvider.model_validate(
        {
            "type": "openai-compat",
            "name": "mine",
            "base_url": "http://127.0.0.1:1/v1",
            "api_keys": ["sk-very-secret"],
        }
    )

    assert "sk-very-secret" not in repr(body) + str(body) + body.model_dump_json()


@pytest.mark.parametrize(
    ("data", "held"),
    [("aGVsbG8=", b"hello"), ("", None), ("not base64!", None), ("\u00e9", None)],
)
def test_the_bytes_of_an_inline_file_are_decoded_on_demand(
    data: str, held: bytes | None
) -> None:
    """What is stored stays the text that came, even where it cannot be decoded."""
    part = FilePart(data=data)

    assert part.content_bytes == held
    assert part.data == data


def test_an_old_error_is_written_as_the_text_it_was() -> None:
    """Until it says more than its text: then only an object can hold it."""
    chat = Chat.model_validate({**CHAT, "last_error": "it broke"})
    assert chat.last_error is not None
    detailed = chat.last_error.model_copy(update={"detail": "at noon"})

    assert encode(chat, only_set=True)["last_error"] == "it broke"
    assert encode(chat)["last_error"] == {
        "message": "it broke",
        "kind": "generic",
        "retryable": False,
    }
    assert encode(detailed, only_set=True)["detail"] == "at noon"


@pytest.mark.parametrize(
    "told", [{}, *({"last_error": e} for e in (None, "", "x", {"message": ""}))]
)
def test_an_error_is_written_back_as_it_was_said(told: dict[str, Any]) -> None:
    """The empty text, too, though it is no error; and so for a copy."""
    read = Chat.model_validate_json(json.dumps({**CHAT, **told}))

    for chat in (read, copy.deepcopy(read), pickle.loads(pickle.dumps(read))):  # noqa: S301
        assert encode(chat, only_set=True) == {**CHAT, **told}
    assert encode(read).get("last_error") != ""


def test_an_error_that_came_later_is_written_in_place_of_none() -> None:
    """How none was spelled then says nothing any more."""
    read = Chat.model_validate({**CHAT, "last_error": ""})

    failed = read.model_copy(update={"last_error": ChatError(message="it broke")})

    assert encode(failed, only_set=True)["last_error"] == {"message": "it broke"}


def test_a_chat_of_the_oldest_servers_comes_with_its_messages() -> None:
    """Until March 2026 one call answered with both."""
    body = {"chat": CHAT, "messages": [MESSAGE], "queued_messages": None}

    read = ChatWithMessages.model_validate(body)

    assert (read.chat.id, read.messages[0].id, read.queued_messages) == ("c", 3, ())
