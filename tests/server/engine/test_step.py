"""One answer as it grows: items in, parts out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from coderchat_jupyter.server.engine.history import conversation
from coderchat_jupyter.server.engine.step import Draft, in_storage_order
from coderchat_jupyter.server.present import INTERNAL, parts
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    Item,
    PartSigned,
    ReasoningContent,
    ReasoningDelta,
    SourceFound,
    TextDelta,
    ToolCall,
    ToolCallContent,
    ToolInputDelta,
    ToolResultContent,
)
from coderchat_jupyter.server.storage.rows import MessageRow, StoredPart
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import Part

START = datetime(2026, 1, 1, tzinfo=UTC)


def _play(*items: Item) -> tuple[Draft, list[Part]]:
    draft = Draft(START)
    shown: list[Part] = []
    for seconds, item in enumerate(items, 1):
        shown += draft.add(item, START + timedelta(seconds=seconds))
    return draft, shown


def _row(role: str, *content: StoredPart) -> MessageRow:
    return MessageRow(
        id=2,
        chat_id=ChatId("c"),
        created_by=None,
        model_config_id=None,
        role=role,
        visibility="both",
        content=content,
        usage=None,
        created_at=START,
    )


def _kinds(content: tuple[StoredPart, ...]) -> list[tuple[str, str]]:
    return [(part["type"], part.get("text", "")) for part in content]


def test_deltas_of_one_block_are_stored_as_one_part() -> None:
    draft, shown = _play(
        ReasoningDelta("Let "),
        ReasoningDelta("me."),
        TextDelta("One "),
        TextDelta("two."),
        SourceFound("https://a.example", "A"),
        TextDelta("Three."),
        Finished("stop", None),
    )

    assert len(shown) == 6
    assert _kinds(draft.content()) == [
        ("reasoning", "Let me."),
        ("text", "One two."),
        ("source", ""),
        ("text", "Three."),
    ]


def test_reasoning_lasts_from_its_first_word_to_the_next_block() -> None:
    draft, _ = _play(ReasoningDelta("a"), ReasoningDelta("b"), TextDelta("c"))

    (reasoning,) = (p for p in draft.content() if p["type"] == "reasoning")

    assert reasoning["created_at"] == "2026-01-01T00:00:01Z"
    assert reasoning["completed_at"] == "2026-01-01T00:00:03Z"


def test_a_call_is_shown_in_pieces_and_then_whole() -> None:
    draft, shown = _play(
        ToolInputDelta("1", "dig", '{"x":'),
        ToolInputDelta("1", "dig", "1}"),
        ToolInputDelta("1", "dig", None),
        ToolCall("1", "dig", '{"x":1}'),
        Finished("tool_calls", None),
    )

    pieces = [getattr(part, "args_delta", "") for part in shown]
    assert pieces == ['{"x":', "1}", "", ""]
    assert draft.goes_on
    assert draft.content()[0]["args"] == {"x": 1}


def test_halves_of_a_pair_that_come_apart_are_stored_as_one() -> None:
    draft, _ = _play(
        TextDelta("a \ud83d"), TextDelta("\ude00 b\ud83d"), Finished("stop", None)
    )

    assert _kinds(draft.content()) == [("text", "a \U0001f600 b\ufffd")]


def test_a_model_that_stops_does_not_go_on_whatever_it_called() -> None:
    draft, _ = _play(ToolCall("1", "dig", "{}"), Finished("stop", None))

    assert not draft.goes_on


def test_a_signature_is_kept_for_the_vendor_and_shown_to_nobody() -> None:
    draft, _ = _play(
        ReasoningDelta("Hm."),
        PartSigned("reasoning", {"signature": "sealed"}),
        TextDelta("Yes."),
        Finished("stop", None),
    )
    content = draft.content()

    (message,) = conversation([_row("assistant", *content)])

    assert message.parts[0] == ReasoningContent("Hm.", {"signature": "sealed"})
    assert content[0][INTERNAL] == {"metadata": {"signature": "sealed"}}
    assert "sealed" not in repr(parts(content))


def test_a_signature_of_older_rows_is_still_given_back() -> None:
    older = {"type": "reasoning", "text": "Hm.", INTERNAL: {"signature": "sealed"}}

    (message,) = conversation([_row("assistant", older)])

    assert message.parts == (ReasoningContent("Hm.", {"signature": "sealed"}),)


def test_reasoning_without_a_text_is_kept_and_shown_to_nobody() -> None:
    draft, shown = _play(
        PartSigned("reasoning", {"signature": "sealed"}),
        ToolCall("1", "dig", "{}", {"details": {"thought_signature": "c2ln"}}),
        Finished("tool_calls", None),
    )
    content = draft.content()

    (message,) = conversation([_row("assistant", *content)])

    assert [part.type for part in shown] == ["tool-call"]
    assert [part.type for part in parts(content)] == ["tool-call"]
    assert message.parts == (
        ReasoningContent("", {"signature": "sealed"}),
        ToolCallContent("1", "dig", "{}", {"details": {"thought_signature": "c2ln"}}),
    )


def test_an_answer_of_which_nobody_would_see_anything_is_not_stored() -> None:
    draft, _ = _play(PartSigned("reasoning", {"signature": "s"}))

    assert draft.content() == ()


def test_what_there_is_when_it_is_cut_ends_with_a_result_per_call() -> None:
    draft, _ = _play(ToolCall("1", "dig", "{}"), TextDelta("And "))

    content, results = draft.partial(START + timedelta(seconds=9), {})

    assert _kinds(content) == [("tool-call", ""), ("text", "And ")]
    assert [result.tool_call_id for result in results] == ["1"]
    assert results[0].created_at is None


def test_objects_are_kept_in_the_order_of_the_reference() -> None:
    """By length of the key, then by name: a model is shown them so later."""
    given = {"type": 1, "prompt": [{"b": 1, "a": 2}], "title": 3}

    assert list(in_storage_order(given)) == ["type", "title", "prompt"]
    assert list(in_storage_order(given)["prompt"][0]) == ["a", "b"]


def test_calls_and_results_are_shown_to_the_model_as_json() -> None:
    call: StoredPart = {
        "type": "tool-call",
        "tool_call_id": "1",
        "tool_name": "dig",
        "args": {"x": [1, "é"]},
    }
    result: StoredPart = {**call, "type": "tool-result", "result": "boom"}
    failed: StoredPart = {**result, "result": {"error": "No."}, "is_error": True}

    shown = conversation(
        [_row("assistant", call), _row("tool", result), _row("tool", failed)]
    )

    assert [message.parts for message in shown] == [
        (ToolCallContent("1", "dig", '{"x": [1, "é"]}'),),
        (ToolResultContent("1", "dig", '"boom"'),),
        (ToolResultContent("1", "dig", "No.", is_error=True),),
    ]


def test_a_message_with_nothing_to_read_is_left_out() -> None:
    assert conversation([_row("assistant"), _row("system", {"type": "text"})]) == ()
