"""Steps of a chat as views and patches, for the page's own tests to apply.

`python -m tests.bridge.patch_fixture` writes `tests/fixtures/page/chat-patches.json`.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from coderchat_jupyter.bridge.diff import diff
from coderchat_jupyter.bridge.project import Projector, Scene
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.wire.parts import (
    ReasoningPart,
    SourcePart,
    ToolCallPart,
    ToolResultPart,
)
from tests.bridge.made import CHAT, config, delta, message, state, status

__all__ = ["TARGET", "steps"]

TARGET: Final = Path(__file__).parent.parent / "fixtures" / "page" / "chat-patches.json"

_CALL: Final = ToolCallPart(tool_call_id="c", tool_name="look", args={"path": "a"})
_RESULT: Final = ToolResultPart(tool_call_id="c", result="text")
_EVENTS: Final = (
    message(1, "user", "Why?"),
    status("pending"),
    status("running"),
    delta(ReasoningPart(text="Hm")),
    delta(ReasoningPart(text=", so")),
    delta("Look"),
    delta("ing."),
    delta(ToolCallPart(tool_call_id="c", tool_name="look", args_delta='{"path"')),
    delta(_CALL),
    message(2, "assistant", ReasoningPart(text="Hm, so"), "Looking.", _CALL),
    message(3, "tool", _RESULT),
    delta(SourcePart(url="https://example.org", title="A page")),
    delta("Because"),
    message(
        4, "assistant", SourcePart(url="https://example.org"), "Because. \U0001f600"
    ),
    status("waiting"),
    message(5, "user", "And?"),
    status("error"),
)


def steps() -> list[dict[str, Any]]:
    """The view before each event, its patches, and the view after it."""
    states = [ChatState(chat_id=CHAT)]
    for event in _EVENTS:
        states.append(state(event, start=states[-1]))
    project, models = Projector(), (config(input="1", output="2"),)
    views = [project(Scene(state=known, models=models)) for known in states]
    return [
        {
            "before": before.dump(),
            "patches": [patch.dump() for patch in diff(before, after)],
            "after": after.dump(),
        }
        for before, after in pairwise(views)
    ]


if __name__ == "__main__":
    TARGET.write_text(json.dumps(steps(), indent=1) + "\n", "utf-8")
