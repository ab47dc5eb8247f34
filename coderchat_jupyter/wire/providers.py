"""AI providers: who runs the models (upstream `AIProvider`, v2.34 and later)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import SecretStr

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire.ids import ProviderId

__all__ = [
    "PROVIDER_TYPES",
    "AIProvider",
    "ApiKey",
    "CreateAIProvider",
    "KeyChange",
    "UpdateAIProvider",
    "with_secrets",
]

PROVIDER_TYPES: Final = {
    "anthropic": "Anthropic",
    "azure": "Azure OpenAI",
    "bedrock": "AWS Bedrock",
    "google": "Google",
    "openai": "OpenAI",
    "openai-compat": "OpenAI Compatible",
    "openrouter": "OpenRouter",
    "vercel": "Vercel AI Gateway",
}
"""The types in the server's order, with the names that people know them by."""


class ApiKey(WireModel):
    """A key that the server holds: never the key, only a mask of it."""

    id: str = ""
    masked: str = ""
    created_at: Moment = ZERO_TIME


class AIProvider(WireModel):
    """Where models are called. No field is ever left out."""

    id: ProviderId
    type: str = ""
    name: str = ""
    display_name: str = ""
    enabled: bool = False
    base_url: str = ""
    api_keys: Items[ApiKey] = ()
    settings: Any = None
    created_at: Moment = ZERO_TIME
    updated_at: Moment = ZERO_TIME
    icon: Annotated[str | None, OMIT] = None
    """v2.36 and later."""


class CreateAIProvider(WireModel):
    """Body of a create call. `enabled` absent means false, so say it."""

    type: str
    name: str
    display_name: Annotated[str, OMIT] = ""
    enabled: bool = True
    base_url: str
    api_keys: Annotated[tuple[SecretStr, ...], OMIT] = ()
    settings: Annotated[Any, OMIT] = None


class KeyChange(WireModel):
    """One key of the new set: `id` keeps one, `api_key` adds one."""

    id: Annotated[str, OMIT] = ""
    api_key: Annotated[SecretStr | None, OMIT] = None


class UpdateAIProvider(WireModel):
    """Body of an update; `api_keys` describes the whole new set."""

    display_name: Annotated[str | None, OMIT] = None
    enabled: Annotated[bool | None, OMIT] = None
    base_url: Annotated[str | None, OMIT] = None
    api_keys: Annotated[tuple[KeyChange, ...] | None, OMIT] = None
    settings: Annotated[Any, OMIT] = None


def with_secrets(value: Any) -> Any:
    """Reveal the secrets of an encoded body, at the last moment before sending."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {name: with_secrets(item) for name, item in value.items()}
    if isinstance(value, list):
        return [with_secrets(item) for item in value]
    return value
