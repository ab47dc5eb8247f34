"""The calls that a parked chat waits for, from its history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from coderchat_jupyter.state.pending import pending_calls
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message


def _message(role: str, *parts: dict[str, Any], message_id: int = 1) -> Message:
    return Message.model_validate(
        {
            "id": message_id,
            "chat_id": ChatId("c"),
            "created_at": datetime(2026, 6, 2, tzinfo=UTC),
            "role": role,
            "content": list(parts),
        }
    )


def _call(call_id: str, **more: Any) -> dict[str, Any]:
    part = {"type": "tool-call", "tool_call_id": call_id, "tool_name": "f"}
    return {**part, "args": {"a": "é"}, **more}


def _result(call_id: str) -> dict[str, Any]:
    return {"type": "tool-result", "tool_call_id": call_id, "tool_name": "f"}


def test_calls_without_a_result_are_pending_in_their_order() -> None:
    """Their arguments come as text, as the event has them."""
    found = pending_calls(
        [
            _message("user", {"type": "text", "text": "hi"}),
            _message("assistant", _call("a"), _call("b"), _call("c")),
            _message("tool", _result("b")),
        ]
    )

    assert [call.tool_call_id for call in found] == ["a", "c"]
    assert (found[0].tool_name, found[0].args) == ("f", '{"a": "é"}')


def test_only_the_last_assistant_message_counts() -> None:
    """A call of before that nobody answered is not waited for any more."""
    found = pending_calls(
        [
            _message("assistant", _call("old")),
            _message("user", {"type": "text", "text": "go on"}),
            _message("assistant", {"type": "text", "text": "Fine."}),
        ]
    )

    assert found == ()


def test_calls_of_the_provider_are_its_own() -> None:
    """They, and their results, stand in the assistant message itself."""
    found = pending_calls(
        [
            _message(
                "assistant",
                _call("search", provider_executed=True),
                _call("done"),
                _result("done"),
            )
        ]
    )

    assert found == ()


def test_a_call_that_is_stored_twice_is_one() -> None:
    """Results are matched by id."""
    found = pending_calls([_message("assistant", _call("a"), _call("a"))])

    assert [call.tool_call_id for call in found] == ["a"]


def test_an_empty_history_waits_for_nothing() -> None:
    assert pending_calls([]) == ()
