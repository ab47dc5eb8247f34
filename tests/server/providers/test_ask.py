"""Short answers that are not streamed: titles, labels, summaries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._protocol import (
    Reply,
    StepUsage,
    ToolCall,
    ToolSpec,
)
from tests.fakes import vendor as vendors
from tests.fakes.vendor import FakeVendor
from tests.server.providers.calls import call

Connect = Callable[..., Provider]

TITLE = ToolSpec(
    "propose_title",
    "Name the chat.",
    {
        "type": "object",
        "properties": {"title": {"type": "string"}},
        "required": ["title"],
    },
)
ASKED = call("hello", tools=(TITLE,), must_call=True)


def _json(body: object) -> vendors.Reply:
    return vendors.Reply((json.dumps(body).encode(),), content_type="application/json")


def _completion(message: dict[str, Any], finish: str) -> vendors.Reply:
    return _json(
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "model-1",
            "usage": vendors.USAGE,
            "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        }
    )


async def test_a_chat_model_is_made_to_call_the_only_tool(
    vendor: FakeVendor, connect: Connect
) -> None:
    function = {"name": "propose_title", "arguments": '{"title": "Hi"}'}
    made = {"id": "x", "type": "function", "function": function}
    message = {"role": "assistant", "content": None, "tool_calls": [made]}
    vendor.will(_completion(message, "tool_calls"))

    reply = await connect("openai-compat").ask(ASKED)

    assert [c.name for c in reply.calls] == ["propose_title"]
    assert json.loads(reply.calls[0].args) == {"title": "Hi"}
    assert reply.usage == StepUsage(
        input_tokens=1000, output_tokens=500, total_tokens=1500
    )
    (seen,) = vendor.seen
    assert not seen.body.get("stream")
    assert seen.body["tool_choice"] == "required"


async def test_text_is_asked_without_tools(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(_completion({"role": "assistant", "content": "In short."}, "stop"))

    reply = await connect("openai-compat").ask(call("hello"))

    assert reply.text == "In short."
    assert "tool_choice" not in vendor.seen[0].body


async def test_anthropic_is_made_to_call_the_only_tool(
    vendor: FakeVendor, connect: Connect
) -> None:
    block = {
        "type": "tool_use",
        "id": "x",
        "name": "propose_title",
        "input": {"title": "Hi"},
    }
    vendor.will(
        _json(
            {
                "id": "m1",
                "type": "message",
                "role": "assistant",
                "model": "model-1",
                "stop_reason": "tool_use",
                "usage": {"input_tokens": 40, "output_tokens": 5},
                "content": [block],
            }
        )
    )

    reply = await connect("anthropic").ask(ASKED)

    assert json.loads(reply.calls[0].args) == {"title": "Hi"}
    assert reply.usage == StepUsage(input_tokens=40, output_tokens=5, total_tokens=45)
    assert vendor.seen[0].body["tool_choice"] == {"type": "any"}


@pytest.mark.parametrize("kind", ["openai-compat", "anthropic"])
async def test_a_refusal_is_the_same_failure_as_in_a_turn(
    kind: str, vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(vendors.Reply.error(401, {"error": {"message": "no such key"}}))

    with pytest.raises(ProviderError) as caught:
        await connect(kind).ask(ASKED)

    assert caught.value.status_code == 401


async def test_a_script_answers_by_the_name_of_the_tool(
    tmp_path: Path, connect: Connect
) -> None:
    path = tmp_path / "script.json"
    action = {"tool": "propose_title", "args": {"title": "Hi"}, "id": "x"}
    path.write_text(json.dumps({"scripts": {"propose_title": [[action]]}}))

    reply = await connect("scripted", url=path.as_uri()).ask(ASKED)

    assert reply == Reply("", (ToolCall("x", "propose_title", '{"title": "Hi"}'),))


async def test_a_script_that_has_no_such_answer_gives_none(
    tmp_path: Path, connect: Connect
) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"scripts": {"default": [[{"text": "Hi."}]]}}))

    with pytest.raises(ProviderError):
        await connect("scripted", url=path.as_uri()).ask(ASKED)
