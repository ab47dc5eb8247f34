"""Turns that are not plain answers, told from their first part to their last status."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.caller import Caller, plot

_STEP = ["part tool-call", "part tool-result", "message assistant", "message tool"]
_ANSWER = ["part text", "message assistant", "status waiting"]
_FINISHED = "Finished latest turn"


@pytest.mark.parametrize(
    ("script", "more", "told", "label"),
    [
        ("thought", {}, ["part reasoning", *_ANSWER[1:]], _FINISHED),
        ("failstep", {}, [*_STEP, "error", "status error"], None),
        ("flakystep", {}, [*_STEP, "part text", "retry", *_ANSWER], ...),
        ("flakyfail", {}, ["part text", "retry", "error", "status error"], None),
        ("ask", {"plan_mode": "plan"}, [*_STEP, "status waiting"], _FINISHED),
        ("ask", {"plan_mode": ""}, [*_STEP, *_ANSWER], ...),
    ],
    ids=[
        "a thought alone",
        "a failure in the second step",
        "a second step tried twice",
        "an attempt that fails for good",
        "a question for the user",
        "a question that may not be asked",
    ],
)
async def test_a_turn_is_told_in_this_order(
    me: Caller, script: str, more: dict[str, Any], told: list[str], label: object
) -> None:
    """And its label is a phrase where nothing was said, and none where it failed."""
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, f"#{script}", **more)
        await reader.until("status running")
        events = await reader.until(told[-1])
    found = await me.get(f"/chats/{chat}")

    assert plot(events) == told
    assert label is ... or found["last_turn_summary"] == label
    assert ("last_error" in found) == ("error" in told)
