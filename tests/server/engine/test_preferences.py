"""What settings come to in a conversation."""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.server.engine.plan_tools import PLAN_PROMPT
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    StepUsage,
    TextDelta,
    ToolCall,
)
from tests.fakes.puppet import Puppet
from tests.server.world import Person

CONFIG: Final = "/chats/config"


async def _second_model(admin: Person, name: str = "puppet-2") -> str:
    answer = await admin.call(
        "POST",
        "/chats/model-configs",
        {
            "ai_provider_id": admin.world.provider,
            "model": name,
            "context_limit": 100_000,
        },
    )
    return str(answer.json()["id"])


async def _put(person: Person, path: str, body: dict[str, Any]) -> None:
    answer = await person.call("PUT", f"{CONFIG}/{path}", body)
    assert answer.status_code in (200, 204), answer.text


async def test_a_users_prompt_and_the_plan_instructions_end_the_system_texts(
    admin: Person, other: Person, puppet: Puppet
) -> None:
    """Another user hears nothing of it."""
    await _put(admin, "plan-mode-instructions", {"plan_mode_instructions": "Slowly."})
    await _put(other, "user-prompt", {"custom_prompt": "Speak plainly."})
    await other.create("a", system_prompt="Be kind.", plan_mode="plan")
    first = await puppet.asked()
    puppet.answer("Hi.")
    await admin.create("b")
    second = await puppet.asked(2)

    assert first.system[1:] == ("Be kind.", "Speak plainly.", PLAN_PROMPT, "Slowly.")
    assert second.system[1:] == ()


async def test_a_threshold_of_ones_own_decides_when_a_chat_is_summarised(
    admin: Person, puppet: Puppet
) -> None:
    """A tenth of the context is nothing to the model's own 70 percent."""
    await _put(
        admin,
        f"user-compaction-thresholds/{admin.world.model}",
        {"threshold_percent": 5},
    )
    puppet.short["summary"] = "Somebody said hello."
    chat = await admin.create("hello")
    await puppet.asked()
    usage = StepUsage(input_tokens=10_000, output_tokens=1)
    puppet.say(TextDelta("Hi."), Finished("stop", usage))
    await admin.settled(chat["id"])
    await admin.send(chat["id"], "more")
    await puppet.asked(2)
    puppet.answer("Yes.")
    await admin.settled(chat["id"])

    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    names = [p.get("tool_name") for m in page["messages"] for p in m["content"]]
    assert names.count("chat_summarized") == 2


async def test_children_get_the_model_that_was_chosen_for_them(
    admin: Person, puppet: Puppet
) -> None:
    """The deployment's choice, and a user's own before it."""
    second, third = await _second_model(admin), await _second_model(admin, "puppet-3")
    await _put(admin, "model-override/explore", {"model_config_id": second})
    await _put(admin, "personal-model-overrides", {"allow_users": True})
    await _put(
        admin,
        "user-personal-model-overrides/general",
        {"mode": "model", "model_config_id": third},
    )
    chat = await admin.create("hello")
    await puppet.asked()
    puppet.say(
        *(
            ToolCall(kind, "spawn_agent", f'{{"type": "{kind}", "prompt": "{kind}"}}')
            for kind in ("explore", "general")
        ),
        Finished("tool_calls", None),
    )
    await puppet.asked(4)
    children = (await admin.call("GET", f"/chats/{chat['id']}")).json()["children"]

    models = {child["title"]: child["last_model_config_id"] for child in children}
    assert models == {"explore": second, "general": third}
    assert {call.model for call in puppet.calls} == {
        "puppet-1",
        "puppet-2",
        "puppet-3",
    }
