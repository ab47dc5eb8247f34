"""Bedrock's Converse, against a vendor on a real socket."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from pydantic import SecretStr

from coderchat_jupyter.server.providers import (
    Provider,
    ProviderError,
    ProviderRow,
    build_provider,
)
from coderchat_jupyter.server.providers._protocol import (
    FileContent,
    Finished,
    ModelCall,
    ModelMessage,
    PartSigned,
    ReasoningDelta,
    StepUsage,
    TextDelta,
    ToolCall,
    ToolInputDelta,
)
from tests.fakes.vendor import FakeVendor, Reply
from tests.fakes.vendor_wires import (
    BEDROCK_USAGE,
    bedrock_event,
    bedrock_exception,
    bedrock_stream,
)
from tests.server.providers.calls import (
    LOOKUP,
    call,
    called,
    items,
    result,
    thought,
    user,
)

Connect = Callable[..., Provider]

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

COUNTED = StepUsage(
    input_tokens=400,
    output_tokens=500,
    total_tokens=900,
    cache_creation_tokens=200,
    cache_read_tokens=600,
)

TEXT: tuple[None, list[dict[str, Any]]] = (None, [{"text": "Hi"}])

PAIR = {"access_key": "AKIAEXAMPLEEXAMPLE00", "access_key_secret": "hush"}


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This machine has none, and asks nobody for one."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none-either"))


@pytest.fixture
async def bedrock(vendor: FakeVendor) -> AsyncIterator[Connect]:
    """Build providers with settings; all are closed at the end."""
    made: list[Provider] = []

    def build(key: str | None = "bedrock-key", **settings: str) -> Provider:
        secret = SecretStr(key) if key is not None else None
        url = vendor.url.removesuffix("/v1")
        made.append(build_provider(ProviderRow("bedrock", url, secret, settings)))
        return made[-1]

    yield build
    for provider in made:
        await provider.aclose()


async def test_the_request_is_that_of_the_documented_api(
    vendor: FakeVendor, bedrock: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of Bedrock's own keys is a bearer token; the machine's are left alone."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFSOMEBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-somebody")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "of-somebody")
    vendor.will(bedrock_stream(TEXT))

    await items(bedrock(), asked("hello", system=("Be brief.",)))

    (seen,) = vendor.seen
    model = MODEL.replace(":", "%3A")
    assert seen.path == f"/model/{model}/converse-stream"
    assert seen.headers["authorization"] == "Bearer bedrock-key"
    assert "SOMEBODY" not in str(seen).upper()
    assert seen.body == {
        "messages": [{"role": "user", "content": [{"text": "hello"}]}],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 32000},
    }


@pytest.mark.parametrize("where", ["settings", "key", "machine"])
async def test_a_pair_of_keys_signs_the_request(
    vendor: FakeVendor, bedrock: Connect, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """They stand in the settings or in the key; else the machine's own are used."""
    vendor.will(bedrock_stream(TEXT))
    match where:
        case "settings":
            provider = bedrock(key=None, region="eu-west-1", **PAIR)
        case "key":
            pair = f"{PAIR['access_key']}:{PAIR['access_key_secret']}"
            provider = bedrock(key=pair, region="eu-west-1")
        case _:
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", PAIR["access_key"])
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PAIR["access_key_secret"])
            provider = bedrock(key=None, region="eu-west-1")

    await items(provider, asked("hello"))

    told = vendor.seen[0].headers["authorization"]
    assert told.startswith(f"AWS4-HMAC-SHA256 Credential={PAIR['access_key']}/")
    assert "/eu-west-1/bedrock/aws4_request" in told
    assert "hush" not in str(vendor.seen)


async def test_the_history_goes_along(vendor: FakeVendor, bedrock: Connect) -> None:
    """Results of a step are one message; thoughts go back with their signature."""
    vendor.will(bedrock_stream(TEXT))
    told = asked(
        "q",
        called(("c1", '{"city": "Paris"}'), ("c2", "{}")),
        result("c1", '"boom"', is_error=True),
        result("c2", '{"sky": "blue"}'),
        thought("mine", "a", "sig"),
        "r",
        thought("theirs", "b"),
        ModelMessage("user", (FileContent("p.png", "image/png", b"\x89PNG"),)),
        tools=(LOOKUP,),
    )

    await items(bedrock(), told)

    messages = vendor.seen[0].body["messages"]
    results = [block["toolResult"] for block in messages[2]["content"]]
    assert [one["toolUseId"] for one in results] == ["c1", "c2"]
    assert results[0]["status"] == "error"
    assert messages[3]["content"] == [
        {"reasoningContent": {"reasoningText": {"text": "mine", "signature": "sig"}}},
        {"text": "a"},
    ]
    assert messages[5]["content"] == [{"text": "b"}]
    image = messages[6]["content"][0]["image"]
    assert base64.b64decode(image["source"]["bytes"]) == b"\x89PNG"
    (tool,) = vendor.seen[0].body["toolConfig"]["tools"]
    assert tool["toolSpec"]["inputSchema"] == {"json": LOOKUP.parameters}


async def test_an_answer_arrives_piece_by_piece(
    vendor: FakeVendor, bedrock: Connect
) -> None:
    call_start = {"toolUse": {"toolUseId": "c1", "name": "lookup"}}
    vendor.will(
        bedrock_stream(
            (
                None,
                [
                    {"reasoningContent": {"text": "Hm. "}},
                    {"reasoningContent": {"text": "So."}},
                    {"reasoningContent": {"signature": "sig"}},
                ],
            ),
            (None, [{"text": " Let me "}, {"text": "look. "}]),
            (
                call_start,
                [
                    {"toolUse": {"input": '{"city":'}},
                    {"toolUse": {"input": ' "Paris"}'}},
                ],
            ),
            stop="tool_use",
        )
    )

    answer = await items(bedrock(), asked(tools=(LOOKUP,)))

    assert answer == [
        ReasoningDelta("Hm. "),
        ReasoningDelta("So."),
        PartSigned("reasoning", {"signature": "sig", "origin": ANY}),
        TextDelta(" Let me "),
        TextDelta("look. "),
        ToolInputDelta("c1", "lookup", '{"city":'),
        ToolInputDelta("c1", "lookup", ' "Paris"}'),
        ToolCall("c1", "lookup", '{"city": "Paris"}'),
        Finished("tool_calls", COUNTED),
    ]


async def test_frames_may_be_cut_anywhere(vendor: FakeVendor, bedrock: Connect) -> None:
    whole = b"".join(bedrock_stream(TEXT).pieces)
    cut = tuple(whole[at : at + 7] for at in range(0, len(whole), 7))
    vendor.will(Reply(cut, content_type="application/vnd.amazon.eventstream"))

    answer = await items(bedrock(), asked())

    assert answer == [TextDelta("Hi"), Finished("stop", COUNTED)]


async def test_a_short_answer_can_be_asked_for_by_a_forced_call(
    vendor: FakeVendor, bedrock: Connect
) -> None:
    use = {"toolUseId": "c1", "name": "lookup", "input": {"city": "Rome"}}
    message = {"role": "assistant", "content": [{"toolUse": use}]}
    body = {"output": {"message": message}, "stopReason": "tool_use"}
    vendor.will(Reply.error(200, {**body, "usage": BEDROCK_USAGE, "metrics": {}}))

    reply = await bedrock().ask(asked(tools=(LOOKUP,), must_call=True))

    assert [c.name for c in reply.calls] == ["lookup"]
    assert reply.usage == COUNTED
    assert vendor.seen[0].path.endswith("/converse")
    assert vendor.seen[0].body["toolConfig"]["toolChoice"] == {"any": {}}


@pytest.mark.parametrize(
    ("last", "status", "detail"),
    [
        (bedrock_exception("throttlingException", message="Slow"), 429, "Slow"),
        (bedrock_exception("serviceUnavailableException", message="Off"), 503, "Off"),
        (
            bedrock_exception(
                "modelStreamErrorException", message="Broke", originalStatusCode=500
            ),
            500,
            "Broke",
        ),
    ],
)
async def test_an_error_amid_the_stream_keeps_its_meaning(
    vendor: FakeVendor, bedrock: Connect, last: bytes, status: int, detail: str
) -> None:
    """The status line said 200; the exception's own status counts."""
    begun = (
        bedrock_event("messageStart", {"role": "assistant"}),
        bedrock_event(
            "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "par"}}
        ),
    )
    vendor.will(Reply((*begun, last)))

    with pytest.raises(ProviderError) as caught:
        await items(bedrock(), asked())

    assert (caught.value.status_code, caught.value.detail) == (status, detail)


async def test_a_stream_that_ends_in_mid_answer_was_cut_off(
    vendor: FakeVendor, bedrock: Connect
) -> None:
    """Frames say where an answer ends; the end of the connection does not."""
    whole = bedrock_stream(TEXT)
    vendor.will(Reply(whole.pieces[:2]))

    with pytest.raises(ProviderError, match="EOF"):
        await items(bedrock(), asked())


def asked(*messages: Any, **rest: Any) -> ModelCall:
    made = call(*(messages or (user("hello"),)), **rest)
    return ModelCall(
        MODEL,
        made.messages,
        made.tools,
        made.settings,
        made.system,
        must_call=made.must_call,
    )
