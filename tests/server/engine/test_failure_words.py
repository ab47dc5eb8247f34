"""Every word that a failure is known by, and every sentence that it becomes."""

from __future__ import annotations

import pytest

from coderchat_jupyter.server.engine._gist import display_name, gist
from coderchat_jupyter.server.engine._signals import provider_in
from coderchat_jupyter.server.engine.classify import classify
from coderchat_jupyter.server.providers import ProviderError
from coderchat_jupyter.wire.providers import PROVIDER_TYPES

WORDS = {
    ("overloaded", True): ["overloaded"],
    ("usage_limit", False): [
        "quota",
        "billing",
        "insufficient_quota",
        "payment required",
    ],
    ("auth", False): [
        "authentication",
        "unauthorized",
        "invalid api key",
        "invalid_api_key",
        "forbidden",
    ],
    ("rate_limit", True): [
        "rate limit",
        "rate_limit",
        "rate limited",
        "rate-limited",
        "too many requests",
    ],
    ("config", False): [
        "invalid model",
        "model not found",
        "model_not_found",
        "unsupported model",
        "context length exceeded",
        "context_exceeded",
        "maximum context length",
        "malformed config",
        "malformed configuration",
    ],
    ("timeout", True): [
        "timeout",
        "timed out",
        "service unavailable",
        "unavailable",
        "connection reset",
        "connection refused",
        "eof",
        "broken pipe",
        "bad gateway",
        "gateway timeout",
        "client conn",
        "goaway",
        "http2: stream closed",
        "use of closed network connection",
    ],
    ("timeout", False): ["deadline exceeded"],
    ("generic", True): ["server error", "internal server error"],
}

CASES = [(word, *meant) for meant, words in WORDS.items() for word in words]

RESETS = [
    "no_error",
    "internal_error",
    "refused_stream",
    "cancel",
    "enhance_your_calm",
]


@pytest.mark.parametrize(("word", "kind", "retryable"), CASES)
def test_a_word_alone_says_what_failed(word: str, kind: str, retryable: bool) -> None:
    """In any case of letters, with other words around it."""
    found = classify(ProviderError(f"It said: {word.title()}!"))

    assert (found.error.kind, found.retryable) == (kind, retryable)


@pytest.mark.parametrize("code", RESETS)
def test_a_reset_of_the_other_side_is_worth_another_try(code: str) -> None:
    text = f"stream error: stream id 7; {code.upper()}; received from peer"

    found = classify(ProviderError(text))

    assert (found.error.kind, found.retryable) == ("timeout", True)


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503, 504, 529])
def test_a_bare_status_in_a_text_counts(status: int) -> None:
    assert classify(ProviderError(f"it gave {status}")).error.status_code == status


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("the openai-compat endpoint of azure openai", "openai-compat"),
        ("openai compatible", "openai-compat"),
        ("azure openai by openrouter", "azure"),
        ("azure-openai", "azure"),
        ("openrouter asked bedrock", "openrouter"),
        ("aws bedrock runs claude", "bedrock"),
        ("vercel asked anthropic", "vercel"),
        ("anthropic, not google", "anthropic"),
        ("claude", "anthropic"),
        ("vertex", "google"),
        ("openai", "openai"),
    ],
)
def test_the_first_vendor_in_the_order_of_the_table_is_meant(
    text: str, provider: str
) -> None:
    assert provider_in(text) == provider


@pytest.mark.parametrize("provider", [*PROVIDER_TYPES, None])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("overloaded", "{} is temporarily overloaded."),
        ("rate_limit", "{} is rate limiting requests."),
        ("timeout", "{} is temporarily unavailable."),
        ("startup_timeout", "{} did not start responding in time."),
        (
            "usage_limit",
            (
                "The usage quota for {} has been exceeded. Check the billing and quota "
                "settings for the provider account."
            ),
        ),
        (
            "auth",
            "Authentication with {} failed. Check the API key and permissions.",
        ),
        (
            "config",
            (
                "{} rejected the model configuration. Check the selected model and "
                "provider settings."
            ),
        ),
        ("generic", "{} returned an unexpected error."),
    ],
)
def test_the_sentence_names_the_vendor_and_no_status(
    kind: str, said: str, provider: str | None
) -> None:
    subject = display_name(provider) if provider else "the AI provider"
    expected = said.format(subject)

    found = gist(kind, provider, retryable=True, status_code=503)

    assert found == expected[0].upper() + expected[1:]
    assert "503" not in found


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing_key", ("API key", "no longer available", "again")),
        ("provider_disabled", ("disabled", "administrator")),
    ],
)
def test_what_the_user_can_do_about_it_is_said(
    kind: str, words: tuple[str, ...]
) -> None:
    found = gist(kind, "openai", retryable=False, status_code=None)

    assert all(word in found for word in words)


def test_a_failure_that_is_classified_already_stays_as_it_is() -> None:
    error = ProviderError("529 overloaded: quota", kind_hint="missing_key")

    found = classify(error, provider_type="openai")

    assert (found.error.kind, found.retryable) == ("missing_key", False)
    assert found.error.message == "529 overloaded: quota"
