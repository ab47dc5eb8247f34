"""What a vendor signed is kept for it, and told to nobody who calls the server."""

from __future__ import annotations

import json

from coderchat_jupyter.server.providers._protocol import (
    PartSigned,
    ReasoningContent,
    ReasoningDelta,
)
from tests.fakes.puppet import Puppet
from tests.server.world import Person

SECRET = "c2VhbGVkLWFuZC1oaWRkZW4"


async def test_it_is_in_no_stream_and_no_answer_and_goes_back_to_the_model(
    admin: Person, puppet: Puppet
) -> None:
    sealed = {"signature": SECRET, "origin": "o"}
    chat = (await admin.create("go"))["id"]
    async with admin.stream(chat) as feed, admin.watch() as watch:
        await puppet.asked()
        puppet.say(ReasoningDelta("Hm."), PartSigned("reasoning", sealed))
        puppet.answer("Yes.")
        await feed.status("waiting")
        await watch.until(lambda f: bool(f.events))
        told = [feed.events, watch.events]
    async with admin.stream(chat) as anew:
        await anew.status("waiting")
        told.append(anew.events)
    for path in ("", "/messages", "/prompts"):
        answer = await admin.call("GET", f"/chats/{chat}{path}")
        assert answer.status_code == 200
        told.append(answer.json())
    await admin.send(chat, "again")
    asked = await puppet.asked(2)
    puppet.answer("Yes.")
    await admin.settled(chat)

    assert "Hm." in json.dumps(told)
    assert SECRET not in json.dumps(told)
    assert ReasoningContent("Hm.", sealed) in asked.messages[1].parts
