"""The sentence a user reads for a kind of failure."""

from __future__ import annotations

from typing import Final

from coderchat_jupyter.wire.providers import PROVIDER_TYPES

__all__ = ["display_name", "gist"]

_NAMES: Final = {
    **PROVIDER_TYPES,
    "local": "The tiny demo model",
    "scripted": "The scripted provider",
}

_GISTS: Final = {
    "overloaded": "{subject} is temporarily overloaded.",
    "rate_limit": "{subject} is rate limiting requests.",
    "timeout": "{subject} is temporarily unavailable.",
    "startup_timeout": "{subject} did not start responding in time.",
    "usage_limit": (
        "The usage quota for {subject} has been exceeded. Check the billing and "
        "quota settings for the provider account."
    ),
    "auth": (
        "Authentication with {subject} failed. Check the API key and permissions."
    ),
    "missing_key": (
        "The API key of this conversation is no longer available. Send the message "
        "again."
    ),
    "config": (
        "{subject} rejected the model configuration. Check the selected model and "
        "provider settings."
    ),
    "provider_disabled": (
        "{subject} has been disabled. Contact an administrator of the deployment."
    ),
    "generic": "{subject} returned an unexpected error.",
}


def display_name(provider_type: str) -> str:
    """The name of a provider's type, as users read it."""
    return _NAMES.get(provider_type, provider_type)


def gist(
    kind: str, provider: str | None, *, retryable: bool, status_code: int | None
) -> str:
    """Say what happened, without a status code."""
    nothing_answered = not retryable and not status_code
    if kind == "generic" and nothing_answered:
        return "The chat request failed unexpectedly."
    if kind == "timeout" and nothing_answered:
        return "The chat request timed out before it completed."
    subject = display_name(provider) if provider else "the AI provider"
    text = _GISTS.get(kind, _GISTS["generic"]).format(subject=subject)
    return text[0].upper() + text[1:]
