"""What of a chat's calls reaches the vendor, and what its owner hears of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from coderchat_jupyter.server.engine import turns
from coderchat_jupyter.server.providers import Provider, ProviderRow, build_provider
from tests.fakes.puppet import Puppet
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.fakes.vendor import vendor as open_vendor
from tests.server.world import Person, World, eventually, open_world

REFERENCE: Final = {
    "type": "file-reference",
    "file_name": "a.py",
    "start_line": 1,
    "end_line": 1,
    "content": "x",
}
"""A chat that begins with one gets no automatic title."""

IGNORED: Final = '"top_k" was ignored: the provider\'s API has no such option'


class _RealProviders(Puppet):
    """Every provider is the real one."""

    def build(self, row: ProviderRow) -> Provider:
        return build_provider(row)


@pytest.fixture
async def vendor() -> AsyncIterator[FakeVendor]:
    async with open_vendor() as fake:
        yield fake


@pytest.fixture(params=[False])
async def wired(
    tmp_path: Path, vendor: FakeVendor, request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    """A deployment whose provider is OpenAI, as the fake vendor plays it."""
    async with open_world(
        tmp_path, puppet=_RealProviders(), force_debug=True, strict_g1=request.param
    ) as world:
        body = {
            "type": "openai",
            "name": "openai",
            "enabled": True,
            "base_url": vendor.url,
            "api_keys": ["sk-0123456789"],
        }
        provider = await world.admin.call("POST", "/api/v2/ai/providers", body)
        config = {
            "ai_provider_id": provider.json()["id"],
            "model": "mine",
            "context_limit": 1000,
            "model_config": {"top_k": 3},
            "is_default": True,
        }
        made = await world.admin.call("POST", "/chats/model-configs", config)
        assert made.status_code == 201
        world.model = made.json()["id"]
        yield world


async def _turn(person: Person) -> dict[str, Any]:
    """Create a chat without a title of its own, and let it come to rest."""
    chat = await person.create(
        content=[REFERENCE, {"type": "text", "text": "q"}],
        model_config_id=person.world.model,
    )
    await person.settled(chat["id"])
    return chat


async def _step(person: Person, chat: dict[str, Any]) -> dict[str, Any]:
    path = f"/chats/{chat['id']}/debug/runs"

    async def ended() -> bool:
        found = (await person.call("GET", path)).json()
        return any(run["kind"] == "chat_turn" and "finished_at" in run for run in found)

    await eventually(ended)
    listed = (await person.call("GET", path)).json()
    run = next(run for run in listed if run["kind"] == "chat_turn")
    detail = (await person.call("GET", f"{path}/{run['id']}")).json()
    (step,) = detail["steps"]
    return dict(step)


NO_LABEL = Reply.error(400, {"error": {"message": "no label"}})


async def test_a_call_says_for_which_chat_and_owner_it_is(
    wired: World, vendor: FakeVendor
) -> None:
    """So do those beside the turn."""
    vendor.will(chat_stream({"content": "Hi."}), NO_LABEL)

    chat = await _turn(wired.admin)

    async def labelled() -> bool:
        return len(vendor.seen) == 2

    await eventually(labelled)
    for seen in vendor.seen:
        assert seen.headers["x-coder-chat-id"] == chat["id"]
        assert seen.headers["x-coder-owner-id"] == wired.admin.id
        assert "x-coder-subchat-id" not in seen.headers
        assert seen.headers["user-agent"].startswith("coder-agents/")


async def test_an_attempt_that_failed_says_what_it_meant(
    wired: World, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how long was waited before the next; one that is not repeated waits not."""
    monkeypatch.setattr(turns, "delay_ms", lambda *_: 10)
    error = {"error": {"message": "slow"}}
    vendor.will(
        Reply.error(503, error),
        Reply.error(400, {"error": {"message": "maximum context length"}}),
    )

    chat = await wired.admin.create(
        content=[REFERENCE, {"type": "text", "text": "q"}], model_config_id=wired.model
    )
    await wired.admin.settled(chat["id"], "error")
    first, last = (await _step(wired.admin, chat))["attempts"]

    assert (first["retry_classification"], first["retry_delay_ms"]) == ("timeout", 1000)
    assert last["retry_classification"] == "config"
    assert "retry_delay_ms" not in last


async def test_who_sends_is_told_which_settings_are_ignored(
    wired: World, vendor: FakeVendor
) -> None:
    """In the answer, and for who looks closely in the debug run."""
    vendor.will(chat_stream({"content": "Hi."}), NO_LABEL)

    chat = await _turn(wired.admin)
    step = await _step(wired.admin, chat)

    assert chat["warnings"] == [f"mine: {IGNORED}"]
    assert step["metadata"]["stream_summary"]["warning_count"] == 1
    assert step["normalized_response"]["warnings"] == [
        {
            "type": "unsupported-setting",
            "setting": "top_k",
            "details": "the provider's API has no such option",
        }
    ]


async def test_that_a_model_refused_tools_is_told_with_the_next_message(
    wired: World, vendor: FakeVendor
) -> None:
    refusal = {"error": {"message": "mine does not support tools"}}
    vendor.will(Reply.error(400, refusal), chat_stream({"content": "Hi."}), NO_LABEL)
    chat = await _turn(wired.admin)
    await _step(wired.admin, chat)
    vendor.will(chat_stream({"content": "Yes."}), NO_LABEL)

    sent = await wired.admin.send(chat["id"], "more")

    await wired.admin.settled(chat["id"])
    assert [warning.partition(" was")[0] for warning in sent["warnings"]] == [
        'mine: "top_k"',
        'mine: "tools"',
    ]


@pytest.mark.parametrize("wired", [True], indirect=True)
async def test_strictly_v234_nothing_is_told_that_it_does_not_tell(
    wired: World, vendor: FakeVendor
) -> None:
    vendor.will(chat_stream({"content": "Hi."}), NO_LABEL)

    chat = await _turn(wired.admin)

    assert "warnings" not in chat
