"""What the web client's reducer is held to, row by row; ours for the same reasons.

Rows about connections stand in tests/session/test_conformance.py.
"""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.preview import SourcesBlock, ToolBlock
from coderchat_jupyter.state.refresh import reconnected, with_page
from coderchat_jupyter.state.select import latest_answer, tool_args, tool_status
from tests.session import test_conformance as of_connections
from tests.state.build import (
    after,
    batch,
    ids,
    live,
    message,
    message_value,
    page,
    part,
    queue,
    queued,
    retry,
    status,
    tool_call,
    tool_result,
    written,
)

ROWS = 24


def tool(state: object) -> ToolBlock:
    """The only tool of a preview."""
    (block,) = [b for b in state.preview.blocks if isinstance(b, ToolBlock)]  # type: ignore[attr-defined]
    return block


def test_every_row_has_its_test() -> None:
    names = [*globals(), *vars(of_connections)]
    rows = {int(m[1]) for name in names if (m := re.match(r"test_row_(\d+)_", name))}

    assert sorted(rows) == list(range(1, ROWS + 1))


@pytest.mark.parametrize("event", [part(""), part(" \n"), part("", "reasoning")])
def test_row_01_an_empty_part_begins_nothing(event: dict[str, object]) -> None:
    assert not live(event).preview


def test_row_02_text_of_one_kind_is_appended() -> None:
    state = live(part("a"), part("b"), part("c", "reasoning"), part("d", "reasoning"))

    assert [(b.kind, str(getattr(b, "text", ""))) for b in state.preview.blocks] == [
        ("text", "ab"),
        ("reasoning", "cd"),
    ]


def test_row_03_ids_that_are_made_up_do_not_collide() -> None:
    state = live(
        tool_call("", args={"n": 1}),
        tool_call("", args={"n": 2}),
        tool_result("", result="a"),
        tool_result("", result="b"),
        tool_result("", "other", result="c"),
    )

    tools = [b for b in state.preview.blocks if isinstance(b, ToolBlock)]
    assert [(b.args, b.result) for b in tools] == [
        ({"n": 1}, "a"),
        ({"n": 2}, "b"),
        (None, "c"),
    ]
    assert len({b.tool_call_id for b in tools}) == 3


def test_row_04_pieces_of_a_result_add_up_and_an_error_ends_them() -> None:
    grown = live(
        tool_call(), tool_result(result_delta="a"), tool_result(result_delta="b")
    )
    reset = after(grown, tool_result(result_reset=True))
    failed = after(grown, tool_result(result="broken", is_error=True))
    bare = after(grown, tool_result(is_error=True))

    assert (str(tool(grown).result_text), tool_status(tool(grown))) == ("ab", "running")
    assert (str(tool(reset).result_text), tool_status(tool(reset))) == ("", "running")
    assert (tool(failed).result, tool_status(tool(failed))) == ("broken", "error")
    assert tool_status(tool(bare)) == "error"


def test_row_05_pieces_of_arguments_add_up_and_whole_ones_replace_them() -> None:
    grown = live(tool_call(args_delta='{"x": "a'), tool_call(args_delta="b"))
    whole = after(grown, tool_call(args={"x": 1}), tool_call(args_delta="late"))

    assert tool_args(tool(grown)) == {"x": "ab"}
    assert tool_args(tool(whole)) == {"x": 1}


def test_row_06_what_the_provider_runs_is_not_shown() -> None:
    call = tool_call(provider_executed=True)
    result = tool_result(result=1, provider_executed=True)

    assert not live(call, result).preview


@pytest.mark.parametrize(
    ("fields", "count"), [({"data": "eA=="}, 1), ({"file_id": "f"}, 1), ({}, 0)]
)
def test_row_07_a_file_needs_its_content_or_an_id(
    fields: dict[str, str], count: int
) -> None:
    assert len(live(part(kind="file", **fields)).preview.blocks) == count


def test_row_08_a_page_is_cited_once() -> None:
    state = live(
        part(kind="source", url="a"),
        part(kind="source", url="b"),
        part("text"),
        part(kind="source", url="a"),
    )

    cited = [b for b in state.preview.blocks if isinstance(b, SourcesBlock)]
    assert [[s.url for s in block.sources] for block in cited] == [["a", "b"]]


def test_row_09_a_result_without_its_call_is_shown() -> None:
    assert tool(live(tool_result("c9", result=1))).result == 1


def test_row_10_a_message_that_is_known_already_keeps_what_streams() -> None:
    known = message_value(2, "assistant", "Hello")
    state = with_page(EMPTY, page(message_value(1), known, message_value(3)))

    state = after(
        reconnected(state),
        batch(status("running"), part("Hel"), message(2, "assistant", "Hello")),
    )

    assert written(after(state, part("icopter"))) == "Helicopter"


def test_row_11_only_an_assistant_message_ends_what_streams() -> None:
    state = live(message(1), part("Hello"))

    assert written(after(state, batch(message(2), message(3, "tool")))) == "Hello"
    assert not after(state, message(2, "assistant", "Hello")).preview


def test_row_12_parts_behind_a_message_in_a_frame_are_of_the_next_step() -> None:
    state = live(message(1), part("Hello"))

    state = after(state, batch(message(2, "assistant", "Hello"), part("Next")))

    assert written(state) == "Next"


@pytest.mark.parametrize("late", range(3))
def test_row_13_no_state_shows_a_message_and_its_preview(late: int) -> None:
    pieces = [part("One"), part(" two"), part(" three")]
    stored = message(2, "assistant", "One two three")
    events = [*pieces[: 3 - late], stored, *pieces[3 - late :]]

    state = live(message(1))
    for event in events:
        state = after(state, event)
        assert "One two three".startswith(latest_answer(state))


def test_row_14_other_chats_only_tell_their_status() -> None:
    foreign = {"chat_id": "child"}

    state = live(message(9) | foreign, part("x") | foreign, status("error") | foreign)

    assert (ids(state), written(state), state.status) == ([], "", "running")
    assert state.children == (("child", "error"),)


def test_row_15_what_was_fetched_earlier_does_not_turn_back_the_stream() -> None:
    state = live(queue(queued(1)), status("waiting"))

    state = with_page(state, page(message_value(1)))

    assert [q.id for q in state.queue] == [1]
    assert state.status == "waiting"


@pytest.mark.parametrize("event", [status("running"), part("again")])
def test_row_16_a_retry_is_shown_until_something_goes_on(
    event: dict[str, object],
) -> None:
    state = live(part("Half"), retry(2))

    assert state.retry is not None
    assert state.retry.attempt == 2
    assert not state.preview
    assert after(state, event).retry is None


def test_row_21_parts_of_the_old_connection_are_not_mixed_with_the_new_ones() -> None:
    state = reconnected(live(message(1), part("Hel"), part("lo")), after_id=1)

    state = after(state, batch(status("running"), part("Hel"), part("lo"), part("!")))

    assert written(state) == "Hello!"


def test_row_22_an_edit_takes_out_what_is_gone_and_nothing_that_is_newer() -> None:
    state = live(message(1), message(2, "assistant", "a"), message(3))
    fetched = page(message_value(1), message_value(4, "user", "new"))

    state = after(state, batch(message(1), message(4, "user", "new")))
    state = after(state, message(5, "assistant", "only streamed"))
    assert state.stale_history

    assert ids(with_page(state, fetched)) == [1, 4, 5]


def test_row_24_waiting_keeps_what_is_shown_and_drops_what_comes() -> None:
    state = live(message(1), part("shown"), status("waiting"), part(" late"))

    assert written(state) == "shown"


def test_a_text_never_shrinks_while_one_step_streams() -> None:
    """All rows together: a turn with a tool, in the order of v2.34."""
    call = {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look", "args": {}}
    frames = [
        part("Let me "),
        part("look."),
        tool_call(args={}),
        tool_result(result=1),
        message(2, "assistant", "Let me look.", call),
        message(3, "tool", {"type": "tool-result", "tool_call_id": "c1", "result": 1}),
        part("It is "),
        part("sunny."),
        message(4, "assistant", "It is sunny."),
        status("waiting"),
    ]
    state, texts = live(message(1)), []
    for frame in frames:
        state = after(state, frame)
        texts.append(latest_answer(state))

    assert all(late.startswith(early) for early, late in pairwise(texts))
