"""What a newer chat looks like to an older client."""

from __future__ import annotations

from typing import Any, Final

import pytest

from coderchat_jupyter.server.older import shapes

MESSAGE: Final[dict[str, Any]] = {"id": 7, "chat_id": "c", "created_by": "u"}


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"type": "text", "text": "a", "url": ""}, {"type": "text", "text": "a"}),
        ({"type": "skill", "skill_name": "s"}, None),
        (
            {"type": "tool-result", "tool_name": "t", "result": None, "is_media": True},
            {"type": "tool-result", "tool_name": "t", "result": None},
        ),
        (
            {
                "type": "file-reference",
                "file_name": "a.py",
                "start_line": 1,
                "end_line": 2,
                "content": "x = 1",
            },
            {
                "type": "text",
                "text": "[file-reference] a.py:1-2\n```a.py\nx = 1\n```",
            },
        ),
    ],
)
def test_a_part_loses_what_is_new_or_empty(
    part: dict[str, Any], told: dict[str, Any] | None
) -> None:
    """A new type is left out, unless it can be said in words."""
    found = shapes.message({**MESSAGE, "content": [part]})

    assert found == {"id": 7, "chat_id": "c", **({"content": [told]} if told else {})}


def test_events_that_are_new_are_left_out() -> None:
    """And a chat that waits for its client is one that works."""
    told = shapes.events(
        [
            {"type": "action_required", "chat_id": "c", "action_required": {}},
            {"type": "status", "chat_id": "c", "status": {"status": "requires_action"}},
            {
                "type": "message_part",
                "chat_id": "c",
                "message_part": {"role": "assistant", "part": {"type": "skill"}},
            },
            {
                "type": "error",
                "chat_id": "c",
                "error": {"message": "No.", "kind": "auth"},
            },
            {"type": "queue_update", "chat_id": "c", "queued_messages": []},
        ]
    )

    assert told == [
        {"type": "status", "chat_id": "c", "status": {"status": "running"}},
        {"type": "error", "chat_id": "c", "error": {"message": "No."}},
        {"type": "queue_update", "chat_id": "c"},
    ]


def test_a_model_tells_no_prices() -> None:
    told = shapes.model_config(
        {"id": "m", "ai_provider_id": "p", "model_config": {"cost": {}, "top_k": 1}}
    )

    assert told == {"id": "m", "model_config": {"top_k": 1}}
