"""What a vendor's failures become, and what users read of them."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import httpx2
import pytest
from pydantic import SecretStr

from coderchat_jupyter.server.engine.classify import classify
from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._failures import (
    cause_of,
    retry_after_ms,
    translated,
)
from coderchat_jupyter.wire.failures import ChatError
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.server.providers.calls import call, items
from tests.server.providers.conftest import KEY

Connect = Callable[..., Provider]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

UNAVAILABLE = "{} is temporarily unavailable."
UNEXPECTED = "{} returned an unexpected error."
REJECTED = (
    "{} rejected the model configuration. Check the selected model and provider "
    "settings."
)
REFUSED = "Authentication with {} failed. Check the API key and permissions."
SPENT = (
    "The usage quota for {} has been exceeded. Check the billing and quota settings "
    "for the provider account."
)
LIMITED = "{} is rate limiting requests."
OVERLOADED = "{} is temporarily overloaded."

# Status, the vendor's sentence, type and code; then kind, whether it is tried again
# and the sentence of ours. As recorded, one line a row of the table.
ROWS = [
    (400, "bad request", "invalid_request_error", None, "generic", False, UNEXPECTED),
    (
        400,
        "This model's maximum context length is 8192 tokens",
        "invalid_request_error",
        "context_length_exceeded",
        "config",
        False,
        REJECTED,
    ),
    (401, "Incorrect API key provided", "x", "invalid_api_key", "auth", False, REFUSED),
    (403, "You are not allowed", "forbidden", None, "auth", False, REFUSED),
    (
        404,
        "The model does not exist",
        "invalid_request_error",
        "model_not_found",
        "generic",
        False,
        UNEXPECTED,
    ),
    (
        429,
        "You exceeded your current quota, please check your plan",
        "insufficient_quota",
        "insufficient_quota",
        "usage_limit",
        False,
        SPENT,
    ),
    (429, "Slow down", "requests", "rate_limit_exceeded", "rate_limit", True, LIMITED),
    (500, "It broke", "server_error", None, "generic", True, UNEXPECTED),
    (502, "Upstream", None, None, "timeout", True, UNAVAILABLE),
    (503, "Gone", "server_error", None, "timeout", True, UNAVAILABLE),
    (529, "Busy", "overloaded_error", None, "overloaded", True, OVERLOADED),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[4]}")
@pytest.mark.parametrize(
    ("type_", "subject"),
    [("openai-compat", "OpenAI Compatible"), ("anthropic", "Anthropic")],
)
async def test_an_error_answer_is_classified_as_recorded(
    vendor: FakeVendor,
    connect: Connect,
    type_: str,
    subject: str,
    row: tuple[int, str, str | None, str | None, str, bool, str],
) -> None:
    """One call, no retry of the SDK's own; code and type of the body do not count."""
    status, sentence, kind_of, code, kind, retryable, gist = row
    error = {"message": sentence, "type": kind_of, "code": code}
    vendor.will(Reply.error(status, {"type": "error", "error": error}))

    with pytest.raises(ProviderError) as caught:
        await items(connect(type_))
    found = classify(caught.value, provider_type=type_)

    assert found.retryable is retryable
    assert found.error == ChatError(
        message=gist.format(subject),
        detail=sentence,
        kind=kind,
        provider=type_,
        retryable=retryable,
        status_code=status,
    )
    assert len(vendor.seen) == 1


@pytest.mark.parametrize("type_", ["openai-compat", "anthropic"])
async def test_the_vendors_wish_to_wait_is_read(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    body = {"error": {"message": "Slow down"}}
    vendor.will(Reply.error(429, body, retry_after="2.5"))

    with pytest.raises(ProviderError) as caught:
        await items(connect(type_))

    assert caught.value.retry_after_ms == 2500


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "2"}, 2000),
        ({"retry-after": "0.25"}, 250),
        ({"retry-after": "7", "Retry-After-Ms": "1500.5"}, 1500),
        ({"retry-after-ms": "0", "retry-after": "3"}, 3000),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30_000),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, None),
    ],
)
def test_a_wish_to_wait_may_be_milliseconds_seconds_or_a_date(
    headers: dict[str, str], expected: int | None
) -> None:
    """What is over, negative or unreadable is no wish."""
    assert retry_after_ms(headers, now=NOW) == expected


@pytest.mark.parametrize("type_", ["openai-compat", "anthropic"])
async def test_a_cut_connection_is_a_timeout_that_is_tried_again(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    vendor.will(Reply(ending="drop"))

    with pytest.raises(ProviderError) as caught:
        await items(connect(type_))
    found = classify(caught.value, provider_type=type_)

    assert (found.error.kind, found.retryable) == ("timeout", True)
    assert found.error.status_code == 0
    assert found.error.message.endswith("is temporarily unavailable.")


async def test_nobody_at_the_address_is_a_timeout_that_is_tried_again(
    vendor: FakeVendor, connect: Connect, unused_tcp_port: int
) -> None:
    """The server may be starting, as Ollama does after a laptop wakes up."""
    provider = connect("openai-compat", url=f"http://127.0.0.1:{unused_tcp_port}/v1")

    with pytest.raises(ProviderError) as caught:
        await items(provider)
    found = classify(caught.value, provider_type="openai-compat")

    assert (found.error.kind, found.retryable) == ("timeout", True)
    assert "refused" in found.error.detail


async def test_an_unknown_host_is_told_and_not_tried_again(
    vendor: FakeVendor, connect: Connect
) -> None:
    provider = connect("openai-compat", url="http://nowhere.invalid/v1")

    with pytest.raises(ProviderError) as caught:
        await items(provider)

    assert "no such host" in caught.value.detail
    assert not classify(caught.value, provider_type="openai-compat").retryable


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad gateway</html>", b'{"error": "plain"}', b"[]", b"{"]
)
async def test_an_error_body_of_any_shape_is_survived(
    vendor: FakeVendor, connect: Connect, body: bytes
) -> None:
    vendor.will(Reply.error(400, body))

    with pytest.raises(ProviderError) as caught:
        await items(connect("openai-compat"))

    assert caught.value.status_code == 400


async def test_an_answer_that_is_no_stream_is_an_error(
    vendor: FakeVendor, connect: Connect
) -> None:
    """A wrong base URL often ends at somebody's web page."""
    vendor.will(Reply((b"<html>hello</html>",), content_type="text/html"))

    with pytest.raises(ProviderError):
        await items(connect("openai-compat"))


async def test_no_error_shows_the_key(vendor: FakeVendor, connect: Connect) -> None:
    """Vendors repeat a wrong key in their answers; ours is never put in by us."""
    vendor.will(Reply.error(401, {"error": {"message": "Wrong key"}}))

    with pytest.raises(ProviderError) as caught:
        await items(connect("openai-compat"))

    error: BaseException | None = caught.value
    while error is not None:
        assert "sk-very-secret-key" not in f"{error!r} {error} {error.args}"
        error = error.__cause__


async def test_a_provider_goes_on_after_a_failure(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(Reply(ending="drop"), chat_stream({"content": "back"}))
    provider = connect("openai-compat")
    with pytest.raises(ProviderError):
        await items(provider)

    answer = await items(provider, call("again"))

    assert answer


@pytest.mark.parametrize("kind", ["openai-compat", "anthropic"])
async def test_a_key_that_the_vendor_quotes_goes_no_further(
    kind: str, vendor: FakeVendor, connect: Connect
) -> None:
    body = {"error": {"message": f"Incorrect API key provided: {KEY}."}}
    vendor.will(Reply.error(401, body))

    with pytest.raises(ProviderError) as failure:
        await items(connect(kind), call("hello"))

    said = classify(failure.value, provider_type=kind).error
    for text in (str(failure.value), said.message, said.detail or ""):
        assert KEY not in text
    assert failure.value.detail == "Incorrect API key provided: [REDACTED]."


@pytest.mark.parametrize("kind", ["openai", "openai-compat", "anthropic", "google"])
@pytest.mark.parametrize(
    "key", ["AIza-FIRST\nAIza-SECOND", "sk-FIRST\0SECOND", "sk-FIRST-\u00e9\u4e16"]
)
async def test_a_key_that_cannot_be_sent_is_told_in_words_of_ours(
    kind: str, key: str, vendor: FakeVendor, connect: Connect
) -> None:
    """Keys of before there was a rule; the libraries quote them, escaped."""
    with pytest.raises(ProviderError) as failure:
        await items(connect(kind, key=key), call("hello"))

    found = classify(failure.value, provider_type=kind).error
    told = f"{failure.value!r} {failure.value} {found} {failure.value.__cause__!r}"
    assert "FIRST" not in told
    assert "SECOND" not in told
    assert "could not be written" in found.message
    assert found.kind == "config"
    assert vendor.seen == []


@pytest.mark.parametrize(
    "error",
    [
        httpx.LocalProtocolError("Illegal header value b'sk-other'"),
        httpx2.LocalProtocolError("Illegal header value b'sk-other'"),
        UnicodeEncodeError("ascii", "sk-other\u00e9", 8, 9, "ordinal not in range"),
    ],
)
def test_what_fails_before_it_is_sent_is_not_quoted(error: Exception) -> None:
    around = RuntimeError("Connection error: sk-other")
    around.__cause__ = error

    found = translated(around)

    assert "sk-other" not in f"{found!r} {found.detail}"


@pytest.mark.parametrize(
    "written",
    [
        repr,
        ascii,
        json.dumps,
        lambda key: repr(key.encode()),
        quote,
        html.escape,
        str.splitlines,
    ],
)
@pytest.mark.parametrize(
    "key", ["sk-ONE/TWO 'three\"<>&\\four", "sk-FIRST\nsk-SECOND", "sk-\u00e9-FIRST"]
)
def test_a_key_is_taken_out_however_it_is_written(
    written: Callable[[str], object], key: str
) -> None:
    said = str(written(key))
    error = ValueError(f"Wrong key {said}, sorry")

    found = translated(error, key=SecretStr(key))

    for part in ("ONE", "FIRST", "SECOND", "three", "four"):
        assert part not in f"{found!r} {found.detail}"
    assert found.detail.startswith("Wrong key ")
    assert cause_of(error, SecretStr(key)) is None
