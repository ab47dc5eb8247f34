"""What replicas tell each other: payloads, channels, and handlers for both."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire import pubsub
from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire._go import dumps, encode
from coderchat_jupyter.wire.ids import ZERO_UUID, ChatId, UserId
from coderchat_jupyter.wire.pubsub import Handler, StreamNotice

ID = "2b9f0c34-6e1d-4a3b-9c0d-7f1e2d3c4b5a"
TIME = "2026-06-02T10:00:00.123456789Z"

CHAT = {
    "id": ID,
    "title": "Report",
    "status": "running",
    "created_at": TIME,
    "updated_at": TIME,
}
PAYLOADS: list[tuple[Callable[..., Handler], dict[str, Any]]] = [
    (pubsub.handle_chat_events, {"kind": "title_change", "chat": CHAT}),
    (
        pubsub.handle_chat_events,
        {
            "kind": "action_required",
            "chat": CHAT,
            "tool_calls": [{"tool_call_id": "c", "tool_name": "t", "args": "{}"}],
        },
    ),
    (pubsub.handle_stream_notices, {"after_message_id": 41}),
    (pubsub.handle_stream_notices, {"status": "running", "worker_id": ID}),
    (
        pubsub.handle_stream_notices,
        {
            "retry": {
                "attempt": 1,
                "delay_ms": 2000,
                "error": "busy",
                "kind": "overloaded",
                "retrying_at": TIME,
            }
        },
    ),
    (
        pubsub.handle_stream_notices,
        {
            "error_payload": {"message": "no", "kind": "auth", "retryable": False},
            "error": "no",
        },
    ),
    (pubsub.handle_stream_notices, {"queue_update": True, "full_refresh": True}),
    (pubsub.handle_config_events, {"kind": "providers", "entity_id": ZERO_UUID}),
    (pubsub.handle_config_events, {"kind": "model_config", "entity_id": ID}),
    (
        pubsub.handle_inbox_events,
        {
            "kind": "new",
            "inbox_notification": {
                "id": ID,
                "user_id": ID,
                "template_id": ID,
                "targets": None,
                "title": "Done",
                "content": "The task is done.",
                "icon": "",
                "actions": [{"label": "Open", "url": "/tasks"}],
                "read_at": None,
                "created_at": TIME,
            },
        },
    ),
    (pubsub.handle_chat_updates, {"snapshot_version": 3, "status": "interrupting"}),
    (pubsub.handle_ownership, {"chat_id": ID, "snapshot_version": 3}),
]


class Heard:
    """What a handler called with."""

    def __init__(self, make: Callable[..., Handler]) -> None:
        self.values: list[WireModel] = []
        self.errors: list[Exception] = []
        self.handle = make(self.values.append, self.errors.append)


@pytest.mark.parametrize(("make", "payload"), PAYLOADS)
def test_a_payload_comes_as_a_value_that_is_written_the_same(
    make: Callable[..., Handler], payload: dict[str, Any]
) -> None:
    """Also with fields that a newer replica adds."""
    newer = payload | {"moon_phase": {"full": True}}
    heard = Heard(make)

    heard.handle(json.dumps(newer).encode(), None)

    (value,) = heard.values
    assert encode(value, only_set=True) == newer
    assert not heard.errors


@pytest.mark.parametrize("make", dict.fromkeys(make for make, _ in PAYLOADS))
@pytest.mark.parametrize("message", [b"", b"{", b"[]", b"3", b'"x"', b"\xff\xfe"])
def test_what_cannot_be_read_is_an_error_and_no_exception(
    make: Callable[..., Handler], message: bytes
) -> None:
    """The error does not quote the message: it may hold what was said in a chat."""
    heard = Heard(make)

    heard.handle(message, None)

    assert [type(error) for error in heard.errors] == [ProtocolError]
    assert not heard.values


def test_what_the_channel_says_is_passed_on_as_it_is() -> None:
    """Messages were dropped: whoever listens has to read everything again."""
    dropped = ConnectionError("dropped messages")
    heard = Heard(pubsub.handle_stream_notices)

    heard.handle(b"", dropped)

    assert heard.errors == [dropped]
    assert not heard.values


def test_a_kind_of_a_newer_replica_is_kept() -> None:
    heard = Heard(pubsub.handle_config_events)

    heard.handle(b'{"kind":"weather","entity_id":"x"}', None)

    assert encode(heard.values[0]) == {"kind": "weather", "entity_id": "x"}


def test_a_notice_holds_only_what_changed() -> None:
    """As the Go server writes it: everything else is left out."""
    assert json.loads(dumps(StreamNotice(after_message_id=41))) == {
        "after_message_id": 41
    }
    assert json.loads(dumps(StreamNotice())) == {}


def test_the_failure_of_an_older_replica_is_one_too() -> None:
    """It tells a text alone."""
    told = StreamNotice(error="no more")
    newer = StreamNotice.model_validate(
        {"error": "no", "error_payload": {"message": "no", "kind": "auth"}}
    )

    assert told.failure is not None
    assert (told.failure.message, told.failure.kind) == ("no more", "generic")
    assert newer.failure is not None
    assert newer.failure.kind == "auth"
    assert StreamNotice().failure is None


def test_channels_are_named_by_canonical_ids() -> None:
    """However the caller spells them: a channel is found by its exact name."""
    loud = ID.upper()

    assert pubsub.chat_events_channel(UserId(loud)) == f"chat:owner:{ID}"
    assert pubsub.chat_stream_channel(ChatId(loud)) == f"chat:stream:{ID}"
    assert pubsub.chat_update_channel(ChatId(loud)) == f"chat:update:{ID}"
    assert pubsub.inbox_channel(UserId(loud)) == f"inbox_notification:owner:{ID}"
    assert pubsub.CONFIG_CHANNEL == "chat:config_change"
    with pytest.raises(ValueError, match="UUID"):
        pubsub.chat_stream_channel(ChatId("x; DROP"))
