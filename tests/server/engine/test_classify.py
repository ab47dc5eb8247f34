"""The table of failures, row by row."""

from __future__ import annotations

import asyncio

import pytest

from coderchat_jupyter.server.engine._signals import (
    has_timeout_signal,
    provider_in,
    status_in,
)
from coderchat_jupyter.server.engine.classify import (
    classify,
    provider_disabled,
    silent,
)
from coderchat_jupyter.server.providers import ProviderError
from coderchat_jupyter.wire.failures import ChatError


def judged(text: str, status: int | None = None) -> tuple[str, bool]:
    found = classify(ProviderError(text, status_code=status), provider_type="openai")
    return found.error.kind, found.retryable


@pytest.mark.parametrize(
    ("text", "status", "kind", "retryable"),
    [
        # 1 to 4: what outranks every signal
        ("chat interrupted: 529 overloaded", None, "generic", False),
        ("No tool output found for function call c1, 500", None, "generic", False),
        (
            "Item 'x' was provided without its required 'reasoning' item",
            500,
            "generic",
            False,
        ),
        ("anthropic stream closed before message_stop", None, "timeout", True),
        (
            "openai responses stream closed before terminal event",
            None,
            "timeout",
            True,
        ),
        ("Previous response with id 'r1' not found", 400, "generic", True),
        # 5 to 9
        ("Overloaded", None, "overloaded", True),
        ("quota", 529, "overloaded", True),
        ("check your billing", None, "usage_limit", False),
        ("Payment Required", 402, "usage_limit", False),
        ("quota exceeded", 401, "usage_limit", False),
        ("Invalid API key", None, "auth", False),
        ("nothing to say", 401, "auth", False),
        ("rate limit", 401, "auth", False),
        ("Forbidden", None, "auth", False),
        ("invalid model", 403, "config", False),
        ("Too Many Requests", None, "rate_limit", True),
        ("rate-limited", None, "rate_limit", True),
        ("unsupported model", 429, "config", False),
        # 10 to 14
        ("provider_disabled", 500, "provider_disabled", False),
        ("nothing", 503, "timeout", True),
        ("context deadline exceeded", None, "timeout", False),
        ("Bad Gateway", None, "timeout", True),
        ("read tcp: use of closed network connection", None, "timeout", True),
        ("unexpected EOF", None, "timeout", True),
        ("model_not_found: timeout", None, "config", False),
        ("Maximum context length is 9", 400, "config", False),
        ("Internal Server Error", None, "generic", True),
        ("nothing", 500, "generic", True),
        ("nothing", 404, "generic", False),
        ("nothing", None, "generic", False),
    ],
)
def test_the_first_rule_that_matches_decides(
    text: str, status: int | None, kind: str, retryable: bool
) -> None:
    assert judged(text, status) == (kind, retryable)


def test_what_the_provider_knows_itself_is_shown_as_it_says_it() -> None:
    """Such a failure needs no guess, and another try would fail the same way."""
    error = ProviderError("Install llama.", kind_hint="config", detail="x")

    found = classify(error, provider_type="local")

    assert found.error == ChatError(
        message="Install llama.", kind="config", provider="local", retryable=False
    )
    assert found.retryable is False


def test_a_cancelled_call_is_not_tried_again() -> None:
    found = classify(asyncio.CancelledError(), provider_type="openai")

    assert found.retryable is False
    assert found.error.message == "The chat request was cancelled before completion."


def test_a_lost_conversation_is_tried_again_without_it() -> None:
    error = ProviderError("Previous response with id 'r1' not found")

    found = classify(error)

    assert found.is_chain_broken
    assert found.error.provider == "openai"


def test_a_lost_continuation_does_not_show_the_vendors_ids() -> None:
    text = "No tool output found for function call call_abc123"

    found = classify(ProviderError(text, detail=text), provider_type="openai")

    assert "call_abc123" not in found.error.detail + found.error.message


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("got status 503 from it", 503),
        ("status code: 429", 429),
        ("http=418 teapot", 418),
        ("failed with 502", 502),
        ("dial tcp 10.0.0.1:503: no", None),
        ("stream id 429; gone", None),
        ("line 404 of it", None),
        ("error 5000", None),
    ],
)
def test_a_status_is_found_in_a_text_but_not_in_an_address(
    text: str, status: int | None
) -> None:
    assert status_in(text) == status


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("openai-compat endpoint", "openai-compat"),
        ("azure openai refused", "azure"),
        ("claude is busy", "anthropic"),
        ("gemini is busy", "google"),
        ("openai is busy", "openai"),
        ("something is busy", None),
    ],
)
def test_a_vendor_is_found_in_a_text_the_special_ones_first(
    text: str, provider: str | None
) -> None:
    assert provider_in(text) == provider


def test_the_provider_that_was_asked_outranks_the_text() -> None:
    found = classify(ProviderError("claude: 500"), provider_type="openai-compat")

    assert found.error.provider == "openai-compat"
    assert found.error.message == "OpenAI Compatible returned an unexpected error."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stream error: stream id 5; refused_stream; received from peer", True),
        ("stream error: stream id 5; refused_stream", False),
        ("stream error: stream id 5; protocol_error; received from peer: eof", False),
    ],
)
def test_only_some_resets_of_the_other_side_are_worth_another_try(
    text: str, expected: bool
) -> None:
    assert has_timeout_signal(text, None) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "The chat request failed unexpectedly."),
        ("deadline exceeded", "The chat request timed out before it completed."),
        ("503", "The AI provider is temporarily unavailable."),
    ],
)
def test_without_a_vendor_the_sentence_names_none(text: str, message: str) -> None:
    assert classify(ProviderError(text)).error.message == message


def test_a_long_detail_is_cut_at_500_characters() -> None:
    """The record counts characters, the ellipsis included."""
    found = classify(ProviderError("x", detail=" " + "é" * 600 + " "))

    assert found.error.detail == "é" * 499 + "…"


def test_a_disabled_provider_is_an_unexpected_failure_without_a_name() -> None:
    assert provider_disabled() == ChatError(
        message="The chat request failed unexpectedly.", kind="generic"
    )


def test_silence_is_a_failure_that_is_tried_again() -> None:
    found = silent(provider_type="anthropic")

    assert found.retryable
    assert found.error.message == "Anthropic did not start responding in time."
