"""Long conversations made short."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from coderchat_jupyter.server.engine.compaction import Crossing, crossing
from coderchat_jupyter.server.engine.history import conversation
from coderchat_jupyter.server.present import INTERNAL
from coderchat_jupyter.server.providers._protocol import (
    ModelCall,
    StepUsage,
    TextContent,
    ToolCall,
)
from coderchat_jupyter.server.storage.rows import MessageRow
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import Usage
from tests.server.world import Person, World

FULL = StepUsage(input_tokens=90_000, output_tokens=500, total_tokens=90_500)


def _row(number: int, role: str, text: str, **more: Any) -> MessageRow:
    part = {"type": "text", "text": text, **more.pop("part", {})}
    return MessageRow(
        id=number,
        chat_id=ChatId("c"),
        created_by=None,
        model_config_id=more.pop("model_config_id", None),
        role=role,
        visibility=more.pop("visibility", "both"),
        content=(part,),
        usage=more.pop("usage", None),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _said(call: ModelCall) -> list[tuple[str, str]]:
    return [
        (message.role, part.text)
        for message in call.messages
        for part in message.parts
        if isinstance(part, TextContent)
    ]


async def _long_chat(world: World, admin: Person) -> str:
    """A chat whose model has read 90 % of what it can."""
    world.puppet.say("A very long talk.")
    world.puppet.finish(usage=FULL)
    chat = await admin.create("talk")
    await admin.settled(chat["id"])
    return str(chat["id"])


async def _tool_parts(admin: Person, chat_id: str) -> list[dict[str, Any]]:
    page = (await admin.call("GET", f"/chats/{chat_id}/messages")).json()
    return [
        part
        for message in reversed(page["messages"])
        for part in message["content"]
        if part["type"] in ("tool-call", "tool-result")
    ]


async def test_a_full_context_is_summarised_before_the_next_call(
    world: World, admin: Person
) -> None:
    """What the user says next is not in the summary, but right after it."""
    chat = await _long_chat(world, admin)
    world.puppet.short["summary"] = "They talked."
    world.puppet.answer("Sure.")

    await admin.send(chat, "and now?")
    await admin.settled(chat)

    first, second = _said(world.puppet.calls[-1])
    assert first[0] == "user"
    assert first[1].endswith("\n\nThey talked.")
    assert second == ("user", "and now?")
    (asked,) = [call for call in world.puppet.asides if not call.must_call]
    (record,) = _said(asked)
    assert "A very long talk." in record[1]
    assert "and now?" not in record[1]


async def test_the_history_shows_that_it_was_summarised(
    world: World, admin: Person
) -> None:
    """And nothing else of it: the summary itself is for models."""
    chat = await _long_chat(world, admin)
    world.puppet.short["summary"] = "They talked."
    world.puppet.answer("Sure.")
    await admin.send(chat, "and now?")
    await admin.settled(chat)

    call, result = await _tool_parts(admin, chat)
    page = (await admin.call("GET", f"/chats/{chat}/messages")).json()

    assert call["tool_name"] == result["tool_name"] == "chat_summarized"
    assert call["tool_call_id"].startswith("chat_summarized_")
    assert call["args"] == {"source": "automatic", "threshold_percent": 70}
    assert result["result"] == {
        "summary": "They talked.",
        "source": "automatic",
        "threshold_percent": 70,
        "usage_percent": 90,
        "context_tokens": 90_000,
        "context_limit_tokens": 100_000,
    }
    assert not {"created_at"} & (call.keys() | result.keys())
    roles = [message["role"] for message in reversed(page["messages"])]
    assert roles == ["user", "assistant", "user", "assistant", "tool", "assistant"]
    summarised = page["messages"][2]
    assert "usage" not in summarised


async def test_a_summary_is_previewed_while_it_is_made(
    world: World, admin: Person
) -> None:
    chat = await _long_chat(world, admin)
    world.puppet.short["summary"] = "They talked."
    world.puppet.answer("Sure.")
    async with admin.stream(chat) as feed:
        before = await feed.status("waiting")
        await admin.send(chat, "and now?")
        await feed.status("waiting", after=before)
        previews = [
            event["message_part"]
            for event in feed.events
            if event["type"] == "message_part"
        ]

    assert [(one["role"], one["part"]["type"]) for one in previews] == [
        ("assistant", "tool-call"),
        ("tool", "tool-result"),
        ("assistant", "text"),
    ]
    assert "args" not in previews[0]["part"]


async def test_a_summary_in_the_middle_of_a_turn_keeps_what_was_asked(
    world: World, admin: Person
) -> None:
    """What tools came to is in the summary alone."""
    world.puppet.short["summary"] = "Nothing was found."
    world.puppet.say(ToolCall("call_1", "list_templates", "{}"))
    world.puppet.finish("tool_calls", usage=FULL)
    world.puppet.answer("Done.")
    chat = await admin.create("look")
    await admin.settled(chat["id"])

    first, second = _said(world.puppet.calls[-1])
    assert first[1].endswith("Nothing was found.")
    assert second == ("user", "look")
    assert all(m.role == "user" for m in world.puppet.calls[-1].messages)


async def test_a_summary_that_fails_is_shown_and_the_turn_goes_on(
    world: World, admin: Person
) -> None:
    """With everything; nothing of the attempt is stored."""
    chat = await _long_chat(world, admin)
    world.puppet.answer("Sure.")
    async with admin.stream(chat) as feed:
        before = await feed.status("waiting")
        await admin.send(chat, "and now?")
        await feed.status("waiting", after=before)
        results = [
            event["message_part"]["part"]
            for event in feed.events
            if event["type"] == "message_part"
            and event["message_part"]["part"]["type"] == "tool-result"
        ]

    assert [part["is_error"] for part in results] == [True]
    assert results[0]["result"] == {"error": "nothing to summary"}
    assert await _tool_parts(admin, chat) == []
    assert len(world.puppet.calls[-1].messages) == 3


async def test_an_edit_of_what_was_summarised_brings_the_past_back(
    world: World, admin: Person
) -> None:
    chat = await _long_chat(world, admin)
    world.puppet.short["summary"] = "They talked."
    world.puppet.answer("Sure.")
    sent = await admin.send(chat, "and now?")
    await admin.settled(chat)
    del world.puppet.short["summary"]
    world.puppet.answer("Fine.")

    await admin.call(
        "PATCH",
        f"/chats/{chat}/messages/{sent['message']['id']}",
        {"content": [{"type": "text", "text": "or rather?"}]},
    )
    await admin.settled(chat)

    assert _said(world.puppet.calls[-1]) == [
        ("user", "talk"),
        ("assistant", "A very long talk."),
        ("user", "or rather?"),
    ]


@pytest.mark.parametrize(
    ("threshold", "counts", "crosses"),
    [
        (70, {"input_tokens": 70}, True),
        (70, {"input_tokens": 69}, False),
        (70, {"input_tokens": 30, "cache_read_tokens": 40}, True),
        (70, {"input_tokens": 30, "cache_creation_tokens": 40}, True),
        (70, {"output_tokens": 5, "total_tokens": 80}, True),
        (100, {"input_tokens": 100}, False),
        (0, {"input_tokens": 1}, True),
        (0, {"output_tokens": 1}, False),
        (101, {"input_tokens": 70}, True),
        (-1, {"input_tokens": 69}, False),
    ],
)
def test_a_threshold_is_in_percent_of_what_the_model_can_read(
    threshold: int, counts: dict[str, int], crosses: bool
) -> None:
    rows = [_row(2, "assistant", "x", usage=Usage(context_limit=100, **counts))]

    assert (crossing(rows, threshold, None, 100) is not None) == crosses


@pytest.mark.parametrize(
    ("asked", "found"),
    [("small", Crossing(90, 100, 70)), ("large", None), ("tiny", Crossing(90, 50, 70))],
)
def test_the_limit_is_that_of_the_model_that_is_asked_next(
    asked: str, found: Crossing | None
) -> None:
    """Whoever read so much before; what its vendor said of a model counts most."""
    usage = Usage(context_limit=100, input_tokens=90)
    rows = [_row(2, "assistant", "x", usage=usage, model_config_id="small")]
    limits = {"small": 1_000, "large": 1_000, "tiny": 50}

    assert crossing(rows, 70, ModelConfigId(asked), limits[asked]) == found


def test_what_was_read_before_a_summary_does_not_count() -> None:
    usage = Usage(context_limit=100, input_tokens=90)
    keeps = {INTERNAL: {"keeps": 1}}
    rows = [
        _row(2, "assistant", "x", usage=usage),
        _row(3, "user", "summary", visibility="model", part=keeps),
    ]

    assert crossing(rows, 70, None, 100) is None
    assert crossing(rows[:1], 70, None, 100) == Crossing(90, 100, 70)


@pytest.mark.parametrize(("tokens", "percent"), [(90, "90"), (95, "95"), (1, "1")])
def test_a_whole_percentage_has_no_fraction(tokens: int, percent: str) -> None:
    assert str(Crossing(tokens, 100, 70).percent) == percent
    assert str(Crossing(1, 3, 70).percent).startswith("33.33")


def test_a_second_summary_takes_the_place_of_the_first() -> None:
    def summary(number: int, text: str, keeps: int) -> MessageRow:
        part = {INTERNAL: {"keeps": keeps}}
        return _row(number, "user", text, visibility="model", part=part)

    rows = [
        _row(2, "user", "one"),
        summary(3, "first", 2),
        _row(4, "assistant", "two"),
        _row(5, "user", "three"),
        summary(6, "second", 5),
        _row(7, "assistant", "four"),
    ]

    said = _said(ModelCall("m", conversation(rows)))

    assert [text for _, text in said] == ["second", "three", "four"]
