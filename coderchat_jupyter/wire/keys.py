"""Keys of users, and the providers of servers before v2.34 with their keys.

A key goes one way: the server tells whether it has one, never what it is.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import SecretStr

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire._values import Moment
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.ids import ProviderId

__all__ = [
    "AIProviderSummary",
    "ChatProvider",
    "CreateChatProvider",
    "KeyInput",
    "UpdateChatProvider",
    "UserChatProvider",
    "UserKey",
]


class AIProviderSummary(WireModel):
    """A provider as its users see it.

    Attributes:
        type: One of `wire.providers.PROVIDER_TYPES`, or a newer one.
        deleted: It is gone, but the user's key for it is still stored.
    """

    id: ProviderId
    type: str = ""
    name: str = ""
    display_name: str = ""
    enabled: bool = False
    deleted: bool = False
    icon: Annotated[str | None, OMIT] = None
    """v2.36 and later."""


class UserKey(WireModel):
    """Whether the user has a key of their own for a provider.

    Attributes:
        provider: The provider.
        has_user_api_key: The user stored one.
        has_provider_api_key: The deployment has one.
        byok_enabled: The deployment lets users bring their own.
    """

    provider: AIProviderSummary
    has_user_api_key: bool = False
    has_provider_api_key: bool = False
    byok_enabled: bool = False


class KeyInput(WireModel):
    """A key to store. It is shown nowhere."""

    api_key: SecretStr


class ChatProvider(WireModel):
    """A provider of a server before v2.34 (upstream `ChatProviderConfig`).

    Attributes:
        id: The zero id for one that is not set up yet.
        provider: Its type, such as `openai`.
        has_api_key: The deployment has a key; what it is, is never told.
        central_api_key_enabled: The deployment's key is used.
        allow_user_api_key: Users may bring their own.
        allow_central_api_key_fallback: Users without one use the deployment's.
        source: `database`, `env_preset` or `supported` (possible, not set up).
        created_at: In the year 1 if it is not set up.
    """

    id: ProviderId
    provider: str = ""
    display_name: str = ""
    enabled: bool = False
    has_api_key: bool = False
    central_api_key_enabled: bool = False
    allow_user_api_key: bool = False
    allow_central_api_key_fallback: bool = False
    base_url: Annotated[str, OMIT] = ""
    source: Annotated[str, Words("database", "env_preset", "supported")] = ""
    created_at: Moment = ZERO_TIME
    updated_at: Moment = ZERO_TIME


class CreateChatProvider(WireModel):
    """Body of a create call; what is None is the server's choice."""

    provider: str
    display_name: Annotated[str, OMIT] = ""
    api_key: Annotated[SecretStr | None, OMIT] = None
    base_url: Annotated[str, OMIT] = ""
    enabled: Annotated[bool | None, OMIT] = None
    central_api_key_enabled: Annotated[bool | None, OMIT] = None
    allow_user_api_key: Annotated[bool | None, OMIT] = None
    allow_central_api_key_fallback: Annotated[bool | None, OMIT] = None


class UpdateChatProvider(WireModel):
    """Body of an update; None stays, and an empty `api_key` or `base_url` clears."""

    display_name: Annotated[str, OMIT] = ""
    api_key: Annotated[SecretStr | None, OMIT] = None
    base_url: Annotated[str | None, OMIT] = None
    enabled: Annotated[bool | None, OMIT] = None
    central_api_key_enabled: Annotated[bool | None, OMIT] = None
    allow_user_api_key: Annotated[bool | None, OMIT] = None
    allow_central_api_key_fallback: Annotated[bool | None, OMIT] = None


class UserChatProvider(WireModel):
    """A provider that a user may bring a key for, before v2.34.

    Attributes:
        has_user_api_key: The user stored one.
        has_central_api_key_fallback: Without one, the deployment's is used.
        byok_enabled: The deployment lets users bring their own.
    """

    provider_id: ProviderId
    provider: str = ""
    display_name: str = ""
    has_user_api_key: bool = False
    has_central_api_key_fallback: bool = False
    byok_enabled: bool = False
