"""Models that never stop talking."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from coderchat_jupyter.server.engine import allowance
from coderchat_jupyter.server.engine.silence import Silence, heard
from coderchat_jupyter.server.providers._protocol import (
    Item,
    PartSigned,
    ProviderError,
    ReasoningDelta,
    SourceFound,
    TextDelta,
    ToolCall,
    ToolInputDelta,
)
from tests.server.world import Person, World

MIB = "x" * 2**20


@pytest.mark.parametrize(
    "item",
    [
        TextDelta(MIB),
        ReasoningDelta(MIB),
        ToolInputDelta("c", "tool", MIB),
        ToolCall("c", "tool", MIB),
        PartSigned("reasoning", {"signature": MIB}),
        SourceFound(MIB),
    ],
    ids=lambda item: type(item).__name__,
)
async def test_an_answer_without_end_is_ended(item: Item) -> None:
    """And the connection with it."""
    closed = False

    async def vendor() -> AsyncGenerator[Item, None]:
        nonlocal closed
        try:
            while True:
                yield item
        finally:
            closed = True

    with pytest.raises(ProviderError, match="longer than this server takes"):
        async for _ in heard(vendor(), Silence()):
            pass
    assert closed


async def test_no_end_of_empty_pieces_is_too_much_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(allowance, "_MOST", 10_000)

    async def vendor() -> AsyncGenerator[Item, None]:
        while True:
            yield ToolInputDelta("c", "tool", None)

    with pytest.raises(ProviderError, match="longer than this server takes"):
        async for _ in heard(vendor(), Silence()):
            pass


async def test_a_turn_that_says_too_much_fails_once_and_the_chat_goes_on(
    world: World, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "_MOST", 1_000)
    chat = (await admin.create())["id"]
    await world.puppet.asked()
    world.puppet.say("a" * 900, "b" * 900)
    failed = await admin.settled(chat)
    await admin.send(chat, "shorter, please")
    await world.puppet.asked(2)
    world.puppet.answer("Yes.")
    after = await admin.settled(chat)

    assert failed["status"] == "error"
    assert failed["last_error"] == {
        "message": "The answer was ended: it is longer than this server takes.",
        "kind": "generic",
        "provider": "openai-compat",
        "retryable": False,
    }
    assert after["status"] == "waiting"
    assert (await admin.history(chat))[-1] == ("assistant", "Yes.")
