"""What chats cost, summed up."""

from __future__ import annotations

from coderchat_jupyter.server.providers._protocol import StepUsage
from tests.fakes.puppet import Puppet
from tests.server.world import Person

CONFIGS = "/chats/model-configs"


async def test_a_price_changed_while_a_model_answers_counts_from_the_next_turn(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create()
    await puppet.asked()
    free = {"cost": {"input_price_per_million_tokens": "0"}}
    await admin.call("PATCH", f"{CONFIGS}/{admin.world.model}", {"model_config": free})
    puppet.answer("Yes.")
    await admin.settled(chat["id"])

    summary = (await admin.call("GET", "/chats/cost/me/summary")).json()

    assert summary["total_cost_micros"] == 10_500


async def test_costs_are_summed_exactly_by_model_and_chat(
    admin: Person, puppet: Puppet
) -> None:
    """1,000 in at 3 and 500 out at 15 dollars a million are 10,500 micros."""
    chat = await admin.answered("dear")
    await admin.send(chat["id"], "again")
    await puppet.asked(2)
    puppet.say("Cheap.")
    puppet.finish(usage=StepUsage(input_tokens=1, output_tokens=1))
    await admin.settled(chat["id"])

    summary = (await admin.call("GET", "/chats/cost/me/summary")).json()

    assert summary["total_cost_micros"] == 10_518
    assert summary["priced_message_count"] == 2
    assert summary["unpriced_message_count"] == 0
    assert summary["total_input_tokens"] == 1001
    assert [(m["model"], m["message_count"]) for m in summary["by_model"]] == [
        ("puppet-1", 2)
    ]
    assert [(c["chat_title"], c["total_cost_micros"]) for c in summary["by_chat"]] == [
        ("dear", 10_518)
    ]
    assert "usage_limit" not in summary


async def test_an_answer_edited_away_still_costs(admin: Person) -> None:
    chat = await admin.answered()
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    path = f"/chats/{chat['id']}/messages/{page['messages'][1]['id']}"
    content = [{"type": "text", "text": "again"}]
    await admin.call("PATCH", path, {"content": content})

    summary = (await admin.call("GET", "/chats/cost/me/summary")).json()

    assert summary["total_cost_micros"] == 10_500


async def test_what_has_no_price_is_counted_apart(
    admin: Person, puppet: Puppet
) -> None:
    body = {
        "ai_provider_id": admin.world.provider,
        "model": "unpriced",
        "context_limit": 8192,
    }
    unpriced = (await admin.call("POST", CONFIGS, body)).json()
    chat = await admin.create(model_config_id=unpriced["id"])
    await puppet.asked()
    puppet.answer("Yes.")
    await admin.settled(chat["id"])

    summary = (await admin.call("GET", "/chats/cost/me/summary")).json()

    assert (summary["priced_message_count"], summary["unpriced_message_count"]) == (
        0,
        1,
    )
    assert summary["by_model"][0]["total_cost_micros"] == 0


async def test_an_empty_range_is_zeros_and_empty_lists(admin: Person) -> None:
    await admin.answered()
    start, end = "2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z"

    summary = (
        await admin.call(
            "GET", "/chats/cost/me/summary", start_date=start, end_date=end
        )
    ).json()

    assert (summary["start_date"], summary["end_date"]) == (start, end)
    assert summary["by_model"] == summary["by_chat"] == []
    assert summary["total_cost_micros"] == 0


async def test_every_wrong_parameter_of_a_summary_is_told(admin: Person) -> None:
    answer = await admin.call(
        "GET", "/chats/cost/me/summary", start_date="yesterday", surprise=1
    )

    assert answer.status_code == 400
    assert {v["field"] for v in answer.json()["validations"]} == {
        "start_date",
        "surprise",
    }


async def test_costs_of_others_are_for_administrators(
    admin: Person, other: Person
) -> None:
    """To others that user does not even exist."""
    seen = await admin.call("GET", f"/chats/cost/{other.id}/summary")
    named = await admin.call("GET", "/chats/cost/other/summary")
    hidden = await other.call("GET", f"/chats/cost/{admin.id}/summary")

    assert [r.status_code for r in (seen, named, hidden)] == [200, 200, 404]
