"""Errors as the vendors really send them, over a real socket, and what they mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from coderchat_jupyter.server.engine.classify import Classified, classify
from coderchat_jupyter.server.providers import Provider, ProviderError
from tests.fakes.vendor import FakeVendor, Reply
from tests.server.providers.calls import call, items

Connect = Callable[..., Provider]


@dataclass(frozen=True)
class Row:
    type: str
    status: int
    body: Any
    kind: str
    retryable: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    waits_ms: int | None = None


def openai(message: str, type_: str, code: Any = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": type_, "param": None, "code": code}}


def anthropic(type_: str, message: str) -> dict[str, Any]:
    error = {"type": type_, "message": message}
    return {"type": "error", "error": error, "request_id": "req_1"}


def gemini(code: int, status: str, message: str, *details: Any) -> dict[str, Any]:
    error = {"code": code, "message": message, "status": status}
    return {"error": {**error, "details": list(details)}}


QUOTA = "You exceeded your current quota, please check your plan and billing details."
TOO_LONG = "This model's maximum context length is 128000 tokens. However, you asked."
RETRY_INFO = {
    "@type": "type.googleapis.com/google.rpc.RetryInfo",
    "retryDelay": "34.5s",
}

ROWS = [
    Row("openai", 429, openai(QUOTA, "insufficient_quota"), "usage_limit"),
    Row(
        "openai",
        429,
        openai("Rate limit reached for gpt-4o on tokens per min.", "tokens"),
        "rate_limit",
        retryable=True,
        headers={"retry-after": "2", "retry-after-ms": "1822"},
        waits_ms=1822,
    ),
    Row("openai", 401, openai("Incorrect API key provided: sk-*.", "x"), "auth"),
    Row("openai", 400, openai(TOO_LONG, "x", "context_length_exceeded"), "config"),
    Row("openai", 404, openai("The model `gpt-9` does not exist.", "x"), "generic"),
    Row(
        "openai",
        500,
        openai("The server had an error while processing your request.", "x"),
        "generic",
        retryable=True,
    ),
    Row(
        "openai",
        503,
        openai("That model is currently overloaded with other requests.", "x"),
        "overloaded",
        retryable=True,
    ),
    Row("openai", 400, openai("Invalid prompt: it was flagged.", "x"), "generic"),
    Row(
        "anthropic",
        529,
        anthropic("overloaded_error", "Overloaded"),
        "overloaded",
        retryable=True,
    ),
    Row(
        "anthropic",
        429,
        anthropic("rate_limit_error", "This would exceed your rate limit of 50,000"),
        "rate_limit",
        retryable=True,
        headers={"retry-after": "12"},
        waits_ms=12_000,
    ),
    Row(
        "anthropic",
        400,
        anthropic("invalid_request_error", "Credit too low; see Plans & Billing"),
        "usage_limit",
    ),
    Row("anthropic", 401, anthropic("authentication_error", "invalid key"), "auth"),
    Row("anthropic", 403, anthropic("permission_error", "No permission"), "auth"),
    Row("anthropic", 404, anthropic("not_found_error", "model: claude-9"), "generic"),
    Row(
        "anthropic",
        400,
        anthropic("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"),
        "generic",
    ),
    Row(
        "anthropic",
        500,
        anthropic("api_error", "Internal server error"),
        "generic",
        retryable=True,
    ),
    Row("google", 429, gemini(429, "RESOURCE_EXHAUSTED", QUOTA), "usage_limit"),
    Row(
        "google",
        429,
        gemini(429, "RESOURCE_EXHAUSTED", "Resource exhausted.", RETRY_INFO),
        "rate_limit",
        retryable=True,
        waits_ms=34_500,
    ),
    Row("google", 400, gemini(400, "INVALID_ARGUMENT", "Bad API key."), "generic"),
    Row("google", 403, gemini(403, "PERMISSION_DENIED", "It lacks access."), "auth"),
    Row("google", 404, gemini(404, "NOT_FOUND", "models/g is not found"), "generic"),
    Row(
        "google",
        503,
        gemini(503, "UNAVAILABLE", "The model is overloaded. Try again later."),
        "overloaded",
        retryable=True,
    ),
    Row(
        "google",
        500,
        gemini(500, "INTERNAL", "An internal error has occurred."),
        "generic",
        retryable=True,
    ),
    Row(
        "azure",
        429,
        {"error": {"code": "429", "message": "Exceeded token rate limit of S0."}},
        "rate_limit",
        retryable=True,
        headers={"retry-after": "6"},
        waits_ms=6_000,
    ),
    Row(
        "azure",
        401,
        {"statusCode": 401, "message": "Unauthorized. Access token is missing."},
        "auth",
    ),
    Row(
        "azure",
        404,
        {"error": {"code": "DeploymentNotFound", "message": "No such deployment."}},
        "generic",
    ),
    Row(
        "bedrock",
        429,
        {"message": "Too many requests, please wait before trying again."},
        "rate_limit",
        retryable=True,
        headers={"x-amzn-errortype": "ThrottlingException"},
    ),
    Row("bedrock", 403, {"message": "The security token is invalid."}, "auth"),
    Row("bedrock", 403, {"Message": "User is not authorized to perform"}, "auth"),
    Row(
        "bedrock",
        400,
        {"message": "The provided model identifier is invalid."},
        "generic",
    ),
    Row("bedrock", 400, {"message": "Input is too long for this model."}, "generic"),
    Row(
        "bedrock",
        503,
        {"message": "Bedrock is unable to process your request."},
        "timeout",
        retryable=True,
    ),
    Row("bedrock", 424, {"message": "The model failed."}, "generic"),
    Row(
        "openrouter",
        402,
        {"error": {"message": "Insufficient credits.", "code": 402}},
        "usage_limit",
    ),
    Row(
        "openrouter",
        429,
        {
            "error": {
                "message": "Provider returned error",
                "code": 429,
                "metadata": {"raw": "x is temporarily rate-limited upstream"},
            }
        },
        "rate_limit",
        retryable=True,
    ),
    Row(
        "openrouter",
        401,
        {"error": {"message": "No auth credentials found", "code": 401}},
        "auth",
    ),
    Row(
        "openrouter",
        502,
        {"error": {"message": "Provider returned error", "code": 502}},
        "timeout",
        retryable=True,
    ),
    Row(
        "vercel",
        402,
        {"error": {"message": "Insufficient funds.", "type": "insufficient_funds"}},
        "usage_limit",
    ),
    Row(
        "vercel",
        401,
        {"error": {"message": "Invalid API key.", "type": "authentication_error"}},
        "auth",
    ),
    Row(
        "vercel",
        404,
        {"error": {"message": "Model 'x' not found", "type": "model_not_found"}},
        "generic",
    ),
]

TYPES = sorted({row.type for row in ROWS})


def said(body: dict[str, Any]) -> str:
    inner = body.get("error", body)
    return str(inner.get("message") or inner.get("Message"))


async def failure(provider: Provider) -> tuple[ProviderError, Classified]:
    made = call()
    with pytest.raises(ProviderError) as caught:
        await items(provider, made)
    return caught.value, classify(caught.value)


@pytest.mark.parametrize(
    "row",
    ROWS,
    ids=[f"{at}-{row.type}-{row.status}-{row.kind}" for at, row in enumerate(ROWS)],
)
async def test_an_error_of_a_vendor_is_understood(
    vendor: FakeVendor, connect: Connect, row: Row
) -> None:
    """Its own sentence is the detail; the call is made once, by us and by the SDK."""
    raw = json.dumps(row.body).encode()
    vendor.will(Reply((raw,), row.status, row.headers, content_type="application/json"))

    error, found = await failure(connect(row.type))

    assert (found.error.kind, found.retryable) == (row.kind, row.retryable)
    assert found.error.status_code == row.status
    assert found.error.detail == said(row.body)
    assert error.retry_after_ms == row.waits_ms
    assert len(vendor.seen) == 1


HTML = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head><body>"
    b"<center>quota 401</center><script>x</script></body></html>"
)


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_page_of_a_proxy_is_a_timeout(
    vendor: FakeVendor, connect: Connect, type_: str, status: int
) -> None:
    """Only its title is read: no word of it is searched or shown."""
    vendor.will(Reply((HTML,), status, content_type="text/html"))

    _, found = await failure(connect(type_))

    assert (found.error.kind, found.retryable) == ("timeout", True)
    assert found.error.status_code == status
    assert found.error.detail == "502 Bad Gateway"


@pytest.mark.parametrize("type_", TYPES)
async def test_a_huge_error_is_not_read(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    """Its status still counts."""
    body = json.dumps({"error": {"message": "quota " * 20_000}}).encode()
    vendor.will(Reply((body,), 500, content_type="application/json"))

    _, found = await failure(connect(type_))

    assert (found.error.kind, found.retryable) == ("generic", True)
    assert found.error.detail == ""
