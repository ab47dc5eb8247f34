"""Debug runs: what is written down, for whom, and that no key is."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.server.engine.debug import Recorder
from coderchat_jupyter.server.providers import Provider, ProviderRow, build_provider
from coderchat_jupyter.server.providers._protocol import ProviderError, StepUsage
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.wire.ids import ChatId
from tests.fakes.puppet import Puppet
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.fakes.vendor import vendor as open_vendor
from tests.server.databases import BOTH
from tests.server.world import Person, World, eventually, open_world

UNKNOWN: Final = "11111111-1111-4111-8111-111111111111"
KEY: Final = "sk-debug-0123456789abcdef"
REFERENCE: Final = {
    "type": "file-reference",
    "file_name": "a.py",
    "start_line": 1,
    "end_line": 1,
    "content": "x",
}
"""A chat that begins with one gets no automatic title."""

COUNTS: Final = {
    "input_tokens": 1000,
    "output_tokens": 500,
    "total_tokens": 1500,
    "reasoning_tokens": 0,
    "cache_creation_tokens": 0,
    "cache_read_tokens": 0,
}


class _RealProviders(Puppet):
    """Every provider is the real one."""

    def build(self, row: ProviderRow) -> Provider:
        return build_provider(row)


@pytest.fixture
async def recording(tmp_path: Path, address: DatabaseAddress) -> AsyncIterator[World]:
    """A deployment that writes everything down, with a puppet for a model."""
    async with open_world(tmp_path, database=address, force_debug=True) as world:
        yield world


@pytest.fixture
async def vendor() -> AsyncIterator[FakeVendor]:
    async with open_vendor() as fake:
        yield fake


@pytest.fixture
async def wired(tmp_path: Path, vendor: FakeVendor) -> AsyncIterator[World]:
    """The same, over HTTP to a vendor."""
    async with open_world(tmp_path, puppet=_RealProviders(), force_debug=True) as world:
        changes = {"base_url": vendor.url, "api_keys": [{"api_key": KEY}]}
        path = f"/api/v2/ai/providers/{world.provider}"
        assert (await world.admin.call("PATCH", path, changes)).status_code == 200
        yield world


async def runs(
    person: Person, chat: str, *kinds: str, status: str = "completed"
) -> list[dict[str, Any]]:
    """The runs of a chat, once there are those of these kinds, and ended."""

    async def found() -> list[dict[str, Any]]:
        answer = await person.call("GET", f"/chats/{chat}/debug/runs")
        return [r for r in answer.json() if not kinds or r["kind"] in kinds]

    async def ended() -> bool:
        listed = await found()
        return len(listed) >= len(kinds) and all(
            run["status"] == status for run in listed
        )

    await eventually(ended)
    return await found()


async def whole(person: Person, run: dict[str, Any]) -> dict[str, Any]:
    path = f"/chats/{run['chat_id']}/debug/runs/{run['id']}"
    return dict((await person.call("GET", path)).json())


async def test_nothing_is_written_unless_somebody_wants_it(admin: Person) -> None:
    chat = await admin.answered()

    answer = await admin.call("GET", f"/chats/{chat['id']}/debug/runs")

    assert (answer.status_code, answer.json()) == (200, [])


async def test_a_user_who_may_has_their_own_chats_written_down(
    admin: Person, other: Person
) -> None:
    """And nobody else's."""
    await admin.call("PUT", "/chats/config/debug-logging", {"allow_users": True})
    await other.call(
        "PUT", "/chats/config/user-debug-logging", {"debug_logging_enabled": True}
    )
    mine = await other.answered("a")
    theirs = await admin.answered("b")

    assert len(await runs(other, mine["id"], "chat_turn")) == 1
    answer = await admin.call("GET", f"/chats/{theirs['id']}/debug/runs")
    assert answer.json() == []


async def test_a_first_turn_has_three_runs(recording: World) -> None:
    """The turn, the title, the label; all about the one message."""
    admin, puppet = recording.admin, recording.puppet
    puppet.short |= {"propose_title": "A", "propose_turn_status_label": "Done"}
    chat = await admin.answered("hello there")
    kinds = ("chat_turn", "title_generation", "quickgen")
    found = {run["kind"]: run for run in await runs(admin, chat["id"], *kinds)}
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    asked = page["messages"][-1]["id"]
    details = {kind: await whole(admin, found[kind]) for kind in kinds}

    assert set(found) == set(kinds)
    for kind, run in details.items():
        assert run["trigger_message_id"] == run["history_tip_message_id"] == asked
        assert ("model_config_id" in run) == (kind == "chat_turn")
        assert not {"root_chat_id", "parent_chat_id"} & set(run)
        (step,) = run["steps"]
        assert "assistant_message_id" not in step
        assert "error" not in step
        assert step["operation"] == ("stream" if kind == "chat_turn" else "generate")
        assert step["usage"] == COUNTS
    assert found["chat_turn"]["summary"] == {
        "first_message": "hello there",
        "step_count": 1,
        "total_input_tokens": 1000,
        "total_output_tokens": 500,
    }
    assert found["title_generation"]["summary"]["first_message"] == "hello there"
    assert found["quickgen"]["summary"]["first_message"] != "hello there"
    title = details["title_generation"]["steps"][0]["normalized_request"]
    assert title["structured_output"] is True
    assert title["schema_name"] == "propose_title"
    assert title["options"] == {"max_output_tokens": 256}
    assert "tools" not in title


@BOTH
async def test_a_turn_tells_what_was_asked_and_what_came(recording: World) -> None:
    """Deltas of a block are joined; every piece is counted."""
    admin, puppet = recording.admin, recording.puppet
    chat = await admin.create("weather?", system_prompt="Be kind.")
    await puppet.asked()
    puppet.say("Let me ", "look.")
    puppet.call("no_such_tool", '{"a": 1}')
    await puppet.asked(2)
    puppet.answer("Sunny.")
    await admin.settled(chat["id"])
    (run,) = await runs(admin, chat["id"], "chat_turn")
    first, second = (await whole(admin, run))["steps"]

    roles = [m["role"] for m in first["normalized_request"]["messages"]]
    assert roles == ["system", "system", "user"]
    assert first["normalized_request"]["messages"][1]["parts"] == [
        {"type": "text", "text": "Be kind.", "text_length": 8}
    ]
    assert first["normalized_request"]["options"] == {"max_output_tokens": 32000}
    assert {"type", "name", "description", "has_input_schema", "input_schema"} == set(
        first["normalized_request"]["tools"][0]
    )
    assert first["normalized_response"]["finish_reason"] == "tool-calls"
    assert first["normalized_response"]["content"][0] == {
        "type": "text",
        "text": "Let me look.",
    }
    assert [part["type"] for part in first["normalized_response"]["content"]] == [
        "text",
        "tool_input",
        "tool-call",
    ]
    summary = first["metadata"]["stream_summary"]
    assert summary == {
        "finish_reason": "tool-calls",
        "part_count": 8,
        "text_delta_count": 2,
        "tool_call_count": 1,
        "source_count": 0,
        "warning_count": 0,
        "error_count": 0,
    }
    tail = second["normalized_request"]["messages"][-2:]
    assert tail[0]["parts"][1] == {
        "type": "tool-call",
        "tool_call_id": "call_1",
        "tool_name": "no_such_tool",
        "arguments": '{"a": 1}',
    }
    assert tail[1]["parts"][0]["type"] == "tool-result"
    assert [first["step_number"], second["step_number"]] == [1, 2]


async def test_a_failed_turn_says_so_in_run_and_step(recording: World) -> None:
    admin, puppet = recording.admin, recording.puppet
    chat = await admin.create()
    await puppet.asked()
    puppet.say(ProviderError("Bad Request: no", status_code=400))
    await admin.settled(chat["id"], "error")
    (run,) = await runs(admin, chat["id"], "chat_turn", status="error")
    (step,) = (await whole(admin, run))["steps"]

    assert run["summary"]["has_error"] is True
    assert step["status"] == "error"
    assert step["error"]["message"] == "Bad Request: no"
    assert step["error"]["provider_status"] == 400
    assert "usage" not in step
    summary = step["metadata"]["stream_summary"]
    assert (summary["error_count"], summary["last_error"]) == (1, "Bad Request: no")
    assert "finish_reason" not in summary


async def test_an_interrupted_turn_is_one_of_its_own_kind(recording: World) -> None:
    admin, puppet = recording.admin, recording.puppet
    chat = await admin.create()
    async with admin.stream(chat["id"]) as feed:
        await puppet.asked()
        puppet.say("Half")
        await feed.until(lambda f: f.said == "Half")
        await admin.call("POST", f"/chats/{chat['id']}/interrupt")
    (run,) = await runs(admin, chat["id"], "chat_turn", status="interrupted")
    (step,) = (await whole(admin, run))["steps"]

    assert step["status"] == "interrupted"
    assert (step["attempts"], step["metadata"]) == ([], {})
    assert "normalized_response" not in step
    assert "endpoint_label" not in run["summary"]


async def test_a_summary_is_a_run_besides_the_turn(recording: World) -> None:
    admin, puppet = recording.admin, recording.puppet
    puppet.short["summary"] = "Somebody said hello."
    await admin.call(
        "PUT",
        f"/chats/config/user-compaction-thresholds/{recording.model}",
        {"threshold_percent": 0},
    )
    chat = await admin.create()
    await puppet.asked()
    puppet.say("Hi.")
    puppet.finish(usage=StepUsage(input_tokens=10))
    await admin.settled(chat["id"])
    await admin.send(chat["id"], "more")
    await puppet.asked(2)
    puppet.answer("Yes.")
    await admin.settled(chat["id"])
    (run,) = await runs(admin, chat["id"], "compaction")
    turns = await runs(admin, chat["id"], "chat_turn", "chat_turn")
    detail = await whole(admin, run)
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    answers = [m["id"] for m in page["messages"] if m["role"] == "assistant"]

    assert "first_message" not in run["summary"]
    assert detail["model_config_id"] == recording.model
    assert detail["history_tip_message_id"] == min(answers)
    (step,) = detail["steps"]
    assert step["operation"] == "generate"
    assert step["normalized_response"]["content"] == [
        {"type": "text", "text": "Somebody said hello."}
    ]
    assert "tool_choice" in step["normalized_request"]
    assert step["metadata"] == {}
    assert [turn["summary"]["step_count"] for turn in turns] == [1, 1]


@BOTH
async def test_edits_take_the_runs_of_what_they_remove(recording: World) -> None:
    admin, puppet = recording.admin, recording.puppet
    chat = await admin.answered("one")
    await runs(admin, chat["id"], "chat_turn")
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    body = {"content": [{"type": "text", "text": "two"}]}
    path = f"/chats/{chat['id']}/messages/{page['messages'][-1]['id']}"
    await admin.call("PATCH", path, body)
    await puppet.asked(2)
    puppet.answer("Yes.")
    await admin.settled(chat["id"])
    (run,) = await runs(admin, chat["id"], "chat_turn")

    assert run["summary"]["first_message"] == "two"


async def test_what_a_server_left_unfinished_the_next_one_ends(
    recording: World,
) -> None:
    """As at the start of a server that finds the run of one that was killed."""
    admin, puppet = recording.admin, recording.puppet
    chat = await admin.create()
    await puppet.asked()
    (before,) = await runs(admin, chat["id"], "chat_turn", status="in_progress")

    await Recorder(recording.service.moves, forced=True).start()
    (after,) = await runs(admin, chat["id"], "chat_turn", status="interrupted")

    assert "finished_at" not in before
    assert "finished_at" in after


async def test_runs_are_for_those_who_may_read_the_chat(recording: World) -> None:
    admin, other = recording.admin, recording.other
    chat = await admin.answered()
    (run,) = await runs(admin, chat["id"], "chat_turn")
    second = await admin.answered("b")
    path = f"/chats/{chat['id']}/debug/runs"
    refused = [
        await other.call("GET", path),
        await other.call("GET", f"{path}/{run['id']}"),
        await admin.call("GET", f"{path}/{UNKNOWN}"),
        await admin.call("GET", f"/chats/{second['id']}/debug/runs/{run['id']}"),
        await admin.call("GET", f"{path}/x"),
    ]

    assert [answer.status_code for answer in refused] == [404] * 4 + [400]
    assert list(refused[-1].json()) == ["message", "detail"]


async def test_what_went_to_the_vendor_is_kept_without_its_key(
    wired: World, vendor: FakeVendor
) -> None:
    """Also where the vendor says the key itself. A retry is one attempt more."""
    admin = wired.admin
    said = {"error": {"message": f"overloaded, says {KEY}"}}
    vendor.will(
        Reply.error(503, said, retry_after="0", set_cookie=f"a={KEY}"),
        chat_stream({"content": "Hi."}),
        Reply.error(400, {"error": {"message": "no label"}}),
    )
    chat = await admin.create(
        content=[REFERENCE, {"type": "text", "text": "the question"}]
    )
    await admin.settled(chat["id"])
    (run,) = await runs(admin, chat["id"], "chat_turn")
    raw = await admin.call("GET", f"/chats/{chat['id']}/debug/runs/{run['id']}")
    (step,) = raw.json()["steps"]
    failed, done = step["attempts"]
    bodies = [
        base64.b64decode(attempt[name]).decode()
        for attempt in (failed, done)
        for name in ("request_body", "response_body")
    ]

    assert run["summary"]["endpoint_label"] == "POST /v1/chat/completions"
    assert [failed["number"], done["number"]] == [1, 2]
    assert [failed["status"], done["status"]] == ["completed", "completed"]
    assert [failed["response_status"], done["response_status"]] == [503, 200]
    assert failed["url"] == f"{vendor.url}/chat/completions"
    assert failed["request_headers"]["authorization"] == "[REDACTED]"
    assert failed["response_headers"]["set-cookie"] == "[REDACTED]"
    assert "the question" in bodies[0]
    assert json.loads(bodies[0])["stream"] is True
    assert "[REDACTED]" in bodies[1]
    assert bodies[3].startswith("data: {")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", done["started_at"])
    for text in (raw.text, *bodies, wired.path.read_bytes().decode("latin-1")):
        assert KEY not in text
        assert base64.b64encode(KEY.encode()).decode()[:20] not in text
    assert vendor.seen[0].headers["authorization"] == f"Bearer {KEY}"


async def test_our_client_reads_them(recording: World) -> None:
    admin = recording.admin
    chat = await admin.answered()
    (listed,) = await runs(admin, chat["id"], "chat_turn")
    async with Client(recording.url, admin.account.token) as client:
        found = await client.debug.runs(ChatId(chat["id"]))
        run = await client.debug.run(ChatId(chat["id"]), listed["id"])

    assert listed["id"] in [one.id for one in found]
    assert run.steps[0].normalized_response["finish_reason"] == "stop"
