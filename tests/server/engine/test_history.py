"""What a model is shown of what was said before: word by word."""

from __future__ import annotations

import json

from coderchat_jupyter.server.providers._protocol import (
    ModelCall,
    ToolCallContent,
    ToolResultContent,
)
from tests.fakes.puppet import Puppet
from tests.server.world import Person

LOOKUP = {"name": "lookup", "input_schema": {"type": "object"}}
WRITTEN = '{"query":"x",  "page": 3}'


def _tools_of(call: ModelCall) -> list[tuple[str, str]]:
    return [
        (part.call_id, part.args if isinstance(part, ToolCallContent) else part.text)
        for message in call.messages
        for part in message.parts
        if isinstance(part, (ToolCallContent, ToolResultContent))
    ]


async def test_a_run_is_shown_its_own_words_and_a_later_run_those_of_the_database(
    admin: Person, puppet: Puppet
) -> None:
    """Keys sorted without spaces there; by length, with spaces, here."""
    puppet.call("list_templates", WRITTEN)
    chat = await admin.create("go")
    within = await puppet.asked(2)
    puppet.answer("None.")
    await admin.settled(chat["id"])
    await admin.send(chat["id"], "and now?")
    later = await puppet.asked(3)
    puppet.answer("Still none.")
    await admin.settled(chat["id"])

    assert _tools_of(within) == [
        ("call_1", WRITTEN),
        (
            "call_1",
            '{"count":0,"page":3,"templates":[],"total_count":0,"total_pages":1}',
        ),
    ]
    assert _tools_of(later) == [
        ("call_1", '{"page": 3, "query": "x"}'),
        (
            "call_1",
            (
                '{"page": 3, "count": 0, "templates": [], "total_count": 0, '
                '"total_pages": 1}'
            ),
        ),
    ]


async def test_a_call_named_like_one_of_an_earlier_turn_does_not_change_that_turn(
    admin: Person, puppet: Puppet
) -> None:
    """Some vendors count their calls anew in every answer."""
    chat = await admin.create("go")
    for page in (1, 2):
        puppet.call("list_templates", json.dumps({"page": page}))
        puppet.answer("None.")
        await admin.settled(chat["id"])
        if page == 1:
            await admin.send(chat["id"], "once more")

    shown = [json.loads(text)["page"] for _, text in _tools_of(puppet.calls[-1])]
    assert shown == [1, 1, 2, 2]


async def test_what_a_client_posted_is_shown_as_the_database_has_it(
    admin: Person, puppet: Puppet
) -> None:
    """So are the arguments it was asked with: posting begins a new run."""
    puppet.call("lookup", WRITTEN)
    chat = await admin.create("go", unsafe_dynamic_tools=[LOOKUP])
    await admin.settled(chat["id"], "requires_action")
    await admin.call(
        "POST",
        f"/chats/{chat['id']}/tool-results",
        {"results": [{"tool_call_id": "call_1", "output": {"zz": [1, None], "b": 2}}]},
    )
    call = await puppet.asked(2)
    puppet.answer("Good.")
    await admin.settled(chat["id"])

    assert _tools_of(call) == [
        ("call_1", '{"page": 3, "query": "x"}'),
        ("call_1", '{"b": 2, "zz": [1, null]}'),
    ]
