"""Each field of each type, once absent, once null and once at its zero.

A server may do with a field what the contract does not say. What can be read is written
back the same; what cannot is refused by an error of ours, and not by another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._go import dumps, encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.framing import decode_frame
from coderchat_jupyter.wire.parts import TextPart
from tests.wire.contract import contract
from tests.wire.test_contract import adapter, written

_ABSENT: Final = object()
_CHAT: Final = contract("g1").sample("Chat", "full")


def changed_once(document: Any) -> Iterator[Any]:
    """The document with one field changed, for each field however deep."""
    if isinstance(document, dict):
        for name, item in document.items():
            for other in (_ABSENT, None, type(item)()):
                rest = {**document, name: other}
                if other is _ABSENT:
                    del rest[name]
                yield rest
            for inner in changed_once(item):
                yield {**document, name: inner}
    elif isinstance(document, list):
        for place, item in enumerate(document):
            for inner in changed_once(item):
                yield [*document[:place], inner, *document[place + 1 :]]


@pytest.mark.parametrize("generation", ["g0", "g1"])
def test_a_changed_field_is_written_back_as_it_came(generation: str) -> None:
    """However many fields there are: every type, every field, three changes."""
    known = contract(generation)
    read = 0
    lost = []
    for name, tag in known.walk():
        for document in changed_once(known.sample(name, "full", tag)):
            try:
                value = decode(adapter(name), json.dumps(document), what=name)
            except ProtocolError:
                continue
            read += 1
            if written(value, only_set=True) != document:
                lost.append((name, document))

    assert lost == []
    assert read > 1_000


def test_nothing_but_the_times_and_ids_of_a_chat_must_be_there() -> None:
    """Any other field may be missing, null or empty, and the chat is still read."""
    refused = set()
    for name in _CHAT:
        for other in (None, _ABSENT):
            document = {k: v for k, v in _CHAT.items() if k != name}
            if other is None:
                document[name] = None
            try:
                decode(TypeAdapter(Chat), json.dumps(document), what="chat")
            except ProtocolError:
                refused.add(name)

    assert refused == {"id", "created_at", "updated_at"}


def test_a_null_is_read_as_a_zero_and_gives_way_to_a_change() -> None:
    """Null is a spelling of the zero alone; and Go would write the zero."""
    text = json.dumps({**_CHAT, "title": None, "labels": {"a": None}})

    chat = decode(TypeAdapter(Chat), text, what="chat")
    renamed = chat.model_copy(update={"title": "Report"})

    assert (chat.title, chat.labels) == ("", {"a": ""})
    assert encode(renamed, only_set=True)["title"] == "Report"
    assert json.loads(dumps(chat))["title"] == ""
    assert json.loads(dumps(chat))["labels"] == {"a": ""}


def test_a_null_in_an_event_is_written_back_as_null() -> None:
    """Also below names that belong to tools and providers elsewhere."""
    event = {
        "type": "error",
        "chat_id": "c",
        "error": {"message": None, "retryable": False},
    }
    streamed: dict[str, Any] = {"role": None, "part": {"type": "text", "text": None}}
    part = {"type": "message_part", "chat_id": "c", "message_part": streamed}

    decoded = decode_frame(json.dumps([event, part]))

    assert encode(decoded, only_set=True) == [event, part]
    (held,) = (e.message_part.part for e in decoded if e.type == "message_part")
    assert isinstance(held, TextPart)
    assert held.text == ""
