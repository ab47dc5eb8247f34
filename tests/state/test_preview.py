"""Parts become blocks: in the order of arrival, each thing once."""

from __future__ import annotations

from typing import Any

import pytest

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.preview import (
    Block,
    FileBlock,
    SourcesBlock,
    ToolBlock,
)
from coderchat_jupyter.state.select import tool_args, tool_status
from tests.state.build import after, live, part, tool_call, tool_result


def kinds(state: ChatState) -> list[str]:
    return [block.kind for block in state.preview.blocks]


def tool(state: ChatState, place: int = -1) -> ToolBlock:
    block: Block = state.preview.blocks[place]
    assert isinstance(block, ToolBlock)
    return block


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t"])
@pytest.mark.parametrize("kind", ["text", "reasoning"])
def test_white_space_alone_begins_no_block(text: str, kind: str) -> None:
    """The line that says the model thinks would end too early."""
    assert kinds(live(part(text, kind))) == []


def test_white_space_inside_a_block_is_kept() -> None:
    """Without it paragraphs would be glued together until the message comes."""
    state = live(part("One"), part("\n\n"), part("Two"))

    block = state.preview.blocks[0]
    assert block.kind == "text"
    assert str(block.text) == "One\n\nTwo"


def test_kinds_alternate_in_the_order_of_arrival() -> None:
    """Thinking, a tool, an answer, more thinking: as it happened."""
    state = live(
        part("hm", "reasoning"),
        part("m", "reasoning"),
        tool_call(args={}),
        part("a"),
        part("b", "reasoning"),
        part("c"),
    )

    assert kinds(state) == ["reasoning", "tool", "text", "reasoning", "text"]


def test_arguments_grow_and_are_replaced_by_the_whole_value() -> None:
    """The deltas are JSON text; the value comes once they are complete."""
    state = live(tool_call(args_delta='{"city": "Ber'))
    assert tool_args(tool(state)) == {"city": "Ber"}

    state = after(state, tool_call(args_delta='lin"}'))
    assert tool_args(tool(state)) == {"city": "Berlin"}

    state = after(state, tool_call(args={"city": "Bonn"}), tool_call(args_delta="x"))
    assert tool_args(tool(state)) == {"city": "Bonn"}
    assert kinds(state) == ["tool"]


def test_arguments_as_text_are_read() -> None:
    """Some servers send the JSON as a string; some models no JSON at all."""
    assert tool(live(tool_call(args='{"x": 1}'))).args == {"x": 1}
    assert tool(live(tool_call(args="not json"))).args == "not json"


def test_what_the_provider_runs_itself_has_no_block() -> None:
    """It shows as its sources."""
    state = live(tool_call(provider_executed=True), tool_result(provider_executed=True))

    assert kinds(state) == []


def test_calls_without_an_id_do_not_collide() -> None:
    """Also when they have the same name."""
    state = live(
        tool_call("", args={"n": 1}),
        tool_call("", args={"n": 2}),
        tool_result("", result="one"),
        tool_result("", result="two"),
    )

    assert [tool(state, i).args for i in (0, 1)] == [{"n": 1}, {"n": 2}]
    assert [tool(state, i).result for i in (0, 1)] == ["one", "two"]
    assert len({tool(state, i).tool_call_id for i in (0, 1)}) == 2


def test_deltas_without_an_id_belong_to_the_call_that_is_open() -> None:
    """A name is all there is to go by."""
    state = live(
        tool_call("", args_delta='{"n":'),
        tool_call("", args_delta="1}"),
        tool_call("", args={"n": 1}),
    )

    assert kinds(state) == ["tool"]
    assert tool(state).args == {"n": 1}


def test_a_result_grows_until_it_is_whole() -> None:
    """A slow tool tells how far it is."""
    state = live(tool_call(args={}), tool_result(result_delta="10 %"))
    assert tool_status(tool(state)) == "running"
    assert str(tool(state).result_text) == "10 %"

    state = after(state, tool_result(result={"ok": True}))
    assert tool_status(tool(state)) == "completed"
    assert tool(state).result == {"ok": True}


def test_a_result_may_be_nothing() -> None:
    """None, zero and an empty text are answers, too."""
    values: list[Any] = [None, 0, "", False, []]
    for value in values:
        state = live(tool_call(args={}), tool_result(result=value))
        assert tool_status(tool(state)) == "completed"


def test_a_reset_begins_the_result_anew() -> None:
    """The tool tries again."""
    state = live(
        tool_call(args={}),
        tool_result(result_delta="half"),
        tool_result(is_error=True),
        tool_result(result_reset=True),
    )

    assert tool_status(tool(state)) == "running"
    assert not tool(state).result_text


def test_an_error_without_a_result_ends_the_tool() -> None:
    """And stays an error, whatever comes later."""
    state = live(tool_call(args={}), tool_result(result_delta="x"))

    state = after(state, tool_result(is_error=True))
    assert tool_status(tool(state)) == "error"

    assert tool_status(tool(after(state, tool_result(result=1)))) == "error"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"error": "no such file"}, "error"),
        ({"error": ""}, "completed"),
        ({"error": "quoted", "status": "completed"}, "completed"),
        ({"error": "quoted", "status": "reported"}, "completed"),
        ("error", "completed"),
    ],
)
def test_a_result_that_names_an_error_is_one(result: Any, expected: str) -> None:
    """But for a sub-agent that reports about one."""
    state = live(tool_call(args={}), tool_result(result=result))

    assert tool_status(tool(state)) == expected


def test_a_result_without_its_call_is_shown() -> None:
    """The call may be in a message that is stored already."""
    state = live(tool_result("c9", result=3))

    assert tool(state).from_result
    assert tool(state).tool_call_id == "c9"


def test_a_call_without_result_runs_only_while_its_turn_does() -> None:
    """Nothing must spin for ever."""
    assert tool_status(None) == "running"
    assert tool_status(None, is_active=False) == "completed"


@pytest.mark.parametrize(
    ("fields", "count"),
    [({"data": "aGk="}, 1), ({"file_id": "f1"}, 1), ({}, 0)],
)
def test_a_file_needs_something_to_show(fields: dict[str, str], count: int) -> None:
    """An id, or the file itself."""
    state = live(part(kind="file", media_type="image/png", **fields))

    blocks = state.preview.blocks
    assert len([b for b in blocks if isinstance(b, FileBlock)]) == count


def test_neighbouring_sources_are_one_block_and_each_page_is_cited_once() -> None:
    """A list of pages, not a page of lists."""
    state = live(
        part(kind="source", url="a"),
        part(kind="source", url="b"),
        part(kind="source", url="a"),
        part(kind="source", url=""),
        part("text"),
        part(kind="source", url="b"),
        part(kind="source", url="c"),
    )

    found = [b for b in state.preview.blocks if isinstance(b, SourcesBlock)]
    assert [[s.url for s in block.sources] for block in found] == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    "kind", ["file-reference", "context-file", "skill", "of-tomorrow"]
)
def test_parts_that_are_nothing_to_watch_are_left_to_the_message(kind: str) -> None:
    """They come whole."""
    assert kinds(live(part("x", kind))) == []
