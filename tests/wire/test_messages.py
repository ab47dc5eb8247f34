"""What a message answers about itself."""

from __future__ import annotations

from coderchat_jupyter.wire.messages import Message

CALL = {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look"}


def message(*content: object) -> Message:
    return Message.model_validate(
        {
            "id": 1,
            "chat_id": "chat-1",
            "created_at": "2026-06-01T00:00:00Z",
            "role": "assistant",
            "content": content,
        }
    )


def test_a_changed_copy_has_tool_parts_of_its_own() -> None:
    asked = message(CALL)
    assert asked.tool_parts == {("tool-call", "c1")}

    assert asked.model_copy(update={"content": ()}).tool_parts == frozenset()


def test_asking_for_tool_parts_leaves_no_trace() -> None:
    asked, other = message(CALL), message(CALL)
    assert asked.tool_parts

    assert asked == other
    assert dict(asked) == dict(other)
    assert asked.model_dump() == other.model_dump()
