"""What a vendor signed in one step goes back to it in the next, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from coderchat_jupyter.server.engine.history import conversation
from coderchat_jupyter.server.engine.step import Draft
from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._protocol import Item, ModelCall, ModelMessage
from coderchat_jupyter.server.storage.rows import MessageRow
from coderchat_jupyter.wire.ids import ChatId
from tests.fakes.vendor import FakeVendor, Reply, chat_stream, messages_stream
from tests.fakes.vendor_wires import gemini_stream, responses_stream
from tests.server.providers.answers import ANSWERS
from tests.server.providers.calls import LOOKUP, call, items, result

Connect = Callable[..., Provider]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SUMMARY = {"provider_options": {"openai": {"reasoning_summary": "auto"}}}
LOOKED = {
    "id": "f1",
    "type": "function_call",
    "call_id": "c1",
    "name": "lookup",
    "arguments": "{}",
    "status": "completed",
}


def remembered(answer: Iterable[Item]) -> ModelMessage:
    """The answer as it is stored and read again for the next step."""
    draft = Draft(NOW)
    for item in answer:
        list(draft.add(item, NOW))
    content = draft.content()
    row = MessageRow(
        id=2,
        chat_id=ChatId("c"),
        created_by=None,
        model_config_id=None,
        role="assistant",
        visibility="both",
        content=content,
        usage=None,
        created_at=NOW,
    )
    (message,) = conversation([row])
    return message


def sealed(item: str = "r1", *texts: str) -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": text} for text in texts]
    secret = f"secret of {item}"
    return {
        "id": item,
        "type": "reasoning",
        "summary": summary,
        "encrypted_content": secret,
    }


async def next_step(
    provider: Provider, vendor: FakeVendor, *replies: Reply, **settings: Any
) -> ModelCall:
    """Have one step answered; the call of the step after it."""
    vendor.will(*replies)
    asked = call("q", tools=(LOOKUP,), **settings)
    answer = remembered(await items(provider, asked))
    return replace(asked, messages=(*asked.messages, answer, result("c1", '"sun"')))


def gemini_call(signature: str | None = "c2lnbmVk") -> Reply:
    part: dict[str, Any] = {"functionCall": {"id": "c1", "name": "lookup", "args": {}}}
    return gemini_stream({**part, "thoughtSignature": signature} if signature else part)


async def test_gemini_sees_the_signature_of_its_call_again(
    vendor: FakeVendor, connect: Connect
) -> None:
    provider = connect("google")
    following = await next_step(provider, vendor, gemini_call())
    vendor.will(ANSWERS["google"]())

    await items(provider, following)

    (part,) = vendor.seen[1].body["contents"][1]["parts"]
    assert part["thoughtSignature"] == "c2lnbmVk"
    assert part["functionCall"]["name"] == "lookup"


async def test_another_account_at_the_same_address_is_not_shown_what_was_signed(
    vendor: FakeVendor, connect: Connect
) -> None:
    following = await next_step(connect("google", account="a"), vendor, gemini_call())
    vendor.will(ANSWERS["google"]())

    await items(connect("google", account="b"), following)

    (part,) = vendor.seen[1].body["contents"][1]["parts"]
    assert part["functionCall"]["name"] == "lookup"
    assert "c2lnbmVk" not in str(vendor.seen[1].body)


async def test_gemini_sees_the_signature_of_its_text_again(
    vendor: FakeVendor, connect: Connect
) -> None:
    """It comes with the last piece of the text, which may be empty."""
    provider = connect("google")
    text = ({"text": "It "}, {"text": "rains."})
    vendor.will(gemini_stream(*text, {"text": "", "thoughtSignature": "c2lnbmVk"}))
    said = remembered(await items(provider))
    vendor.will(ANSWERS["google"]())

    await items(provider, call("q", said, "r"))

    assert vendor.seen[1].body["contents"][1]["parts"] == [
        {"text": "It rains.", "thoughtSignature": "c2lnbmVk"}
    ]


async def test_responses_see_their_encrypted_reasoning_again(
    vendor: FakeVendor, connect: Connect
) -> None:
    provider = connect("openai")
    reply = responses_stream(sealed("r1"), LOOKED)
    following = await next_step(provider, vendor, reply, settings=SUMMARY)
    vendor.will(responses_stream(LOOKED))

    await items(provider, following)

    assert vendor.seen[0].body["include"] == ["reasoning.encrypted_content"]
    _, thought, called, _ = vendor.seen[1].body["input"]
    assert thought == sealed("r1")
    assert called["type"] == "function_call"


async def test_reasoning_in_several_summaries_is_given_back_whole(
    vendor: FakeVendor, connect: Connect
) -> None:
    provider = connect("openai")
    reply = responses_stream(sealed("r1", "One. ", "Two."), LOOKED)
    following = await next_step(provider, vendor, reply, settings=SUMMARY)
    vendor.will(responses_stream(LOOKED))

    await items(provider, following)

    thought = vendor.seen[1].body["input"][1]
    assert thought["encrypted_content"] == "secret of r1"
    assert "".join(one["text"] for one in thought["summary"]) == "One. Two."


async def test_reasoning_about_a_search_is_not_given_back_without_the_search(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The vendor refuses reasoning without what followed it."""
    provider = connect("openai")
    search = {
        "id": "w1",
        "type": "web_search_call",
        "status": "completed",
        "action": {"type": "search", "query": "sky"},
    }
    reply = responses_stream(sealed("r1"), search, sealed("r2"), LOOKED)
    following = await next_step(provider, vendor, reply, settings=SUMMARY)
    vendor.will(responses_stream(LOOKED))

    await items(provider, following)

    told = vendor.seen[1].body["input"]
    assert [one["id"] for one in told if one.get("type") == "reasoning"] == ["r2"]


@pytest.mark.parametrize("type_", ["openrouter", "vercel"])
async def test_gateways_see_the_details_of_the_reasoning_again(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    """Their text is not sent a second time as plain reasoning."""
    form = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
    hidden = {"type": "reasoning.encrypted", "data": "c2VhbGVk", "index": 1, "id": "e"}
    function = {"name": "lookup", "arguments": "{}"}
    looked = {"index": 0, "id": "c1", "type": "function", "function": function}
    provider = connect(type_)
    reply = chat_stream(
        {"reasoning": "Let ", "reasoning_details": [{**form, "text": "Let "}]},
        {"reasoning": "me.", "reasoning_details": [{**form, "text": "me."}]},
        {"reasoning_details": [{**form, "signature": "signed"}]},
        {"reasoning_details": [hidden]},
        {"tool_calls": [looked]},
        finish="tool_calls",
    )
    following = await next_step(provider, vendor, reply)
    vendor.will(chat_stream({"content": "x"}))

    await items(provider, following)

    said = vendor.seen[1].body["messages"][1]
    assert said["reasoning_details"] == [
        {**form, "text": "Let me.", "signature": "signed"},
        hidden,
    ]
    assert not said.get("reasoning")
    assert said["tool_calls"][0]["id"] == "c1"


async def test_what_a_compatible_vendor_adds_to_a_call_goes_back_with_it(
    vendor: FakeVendor, connect: Connect
) -> None:
    """Gemini signs its calls so where it imitates OpenAI."""
    extra = {"google": {"thought_signature": "c2lnbmVk"}}
    function = {"name": "lookup", "arguments": "{}"}
    looked = {"index": 0, "id": "c1", "type": "function", "function": function}
    provider = connect("openai-compat")
    reply = chat_stream(
        {"tool_calls": [{**looked, "extra_content": extra}]}, finish="tool_calls"
    )
    following = await next_step(provider, vendor, reply)
    vendor.will(chat_stream({"content": "x"}))

    await items(provider, following)

    (said,) = vendor.seen[1].body["messages"][1]["tool_calls"]
    assert said["extra_content"] == extra


async def test_thinking_that_claude_keeps_to_itself_goes_back_to_it(
    vendor: FakeVendor, connect: Connect
) -> None:
    hidden = {"type": "redacted_thinking", "data": "c2VhbGVk"}
    looked = {"type": "tool_use", "id": "c1", "name": "lookup", "input": {}}
    provider = connect("anthropic")
    reply = messages_stream((hidden, []), (looked, []), stop="tool_use")
    following = await next_step(provider, vendor, reply)
    vendor.will(ANSWERS["anthropic"]())

    await items(provider, following)

    assert vendor.seen[1].body["messages"][1]["content"][0] == hidden


@pytest.mark.parametrize("changed", ["model", "provider"])
async def test_another_model_or_provider_is_not_given_what_the_first_signed(
    vendor: FakeVendor, connect: Connect, changed: str
) -> None:
    following = await next_step(connect("google"), vendor, gemini_call())
    vendor.will(ANSWERS["google"]())
    if changed == "model":
        await items(connect("google"), replace(following, model="model-2"))
    else:
        await items(connect("google", url=f"{vendor.url}/other"), following)

    assert "c2lnbmVk" not in str(vendor.seen[1].body)


async def test_a_vendor_that_refuses_what_it_signed_is_asked_without_it(
    vendor: FakeVendor, connect: Connect
) -> None:
    """A key of another organisation cannot read it, for one."""
    refused = {"message": "The encrypted content for item rs_1 could not be verified."}
    provider = connect("openai")
    reply = responses_stream(sealed("r1"), LOOKED)
    following = await next_step(provider, vendor, reply, settings=SUMMARY)
    vendor.will(Reply.error(400, {"error": refused}), responses_stream(LOOKED))

    await items(provider, following)

    assert "secret of r1" in str(vendor.seen[1].body)
    assert "secret of r1" not in str(vendor.seen[2].body)


async def test_a_vendor_that_goes_on_refusing_is_not_asked_for_ever(
    vendor: FakeVendor, connect: Connect
) -> None:
    refused = Reply.error(400, {"error": {"message": "Invalid signature in thinking."}})
    provider = connect("google")
    following = await next_step(provider, vendor, gemini_call())
    vendor.will(refused, refused)

    with pytest.raises(ProviderError):
        await items(provider, following)

    assert len(vendor.seen) == 3
