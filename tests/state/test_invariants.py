"""Each rule can be broken, and is then named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.state.preview import (
    Preview,
    SourcesBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.state.text import NO_TEXT, TextBuffer
from coderchat_jupyter.wire.events import StreamedToolCall
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.parts import SourcePart
from tests.state.build import message_value

TEXT = TextBlock(text=TextBuffer("a"))
TOOL = ToolBlock(tool_call_id="c1", from_result=True)
PAGE = SourcesBlock(sources=(SourcePart(url="u"), SourcePart(url="u")))
RESULT = message_value(2, "tool", {"type": "tool-result", "tool_call_id": "c1"})


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"messages": (message_value(2), message_value(1))}, "Messages ascend"),
        ({"replacement": (message_value(1), message_value(1))}, "A replacement"),
        ({"error": ChatError(), "status": "waiting"}, "A reason of failure"),
        (
            {
                "actions": (StreamedToolCall(tool_call_id="c", tool_name="t"),),
                "status": "waiting",
            },
            "Actions belong",
        ),
        ({"preview": Preview(blocks=(TEXT, TEXT))}, "Pieces of one kind"),
        ({"preview": Preview(blocks=(TextBlock(text=NO_TEXT),))}, "A block of text"),
        ({"preview": Preview(blocks=(TOOL, TOOL))}, "A call has one block"),
        ({"preview": Preview(blocks=(PAGE,))}, "A page is cited once"),
        (
            {"preview": Preview(blocks=(TOOL,)), "messages": (RESULT,)},
            "A stored result",
        ),
        ({"unknown": (("x", 1), ("x", 2))}, "Each kind of unknown"),
    ],
)
def test_a_broken_rule_is_named(changes: dict[str, Any], rule: str) -> None:
    """A check that can never fail checks nothing."""
    found = broken_rules(replace(EMPTY, **changes))

    assert len(found) == 1
    assert found[0].startswith(rule)


def test_a_state_at_rest_breaks_no_rule() -> None:
    """Nothing is nothing to complain about."""
    assert broken_rules(EMPTY) == ()
