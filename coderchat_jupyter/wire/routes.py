"""Paths of the API, each said once for client and server.

Paths of the chat tree are relative: it is under `EXPERIMENTAL`, or under `STABLE` from
v2.37 on. Paths that begin with `/api/` are whole.
"""

from __future__ import annotations

from typing import Final

from coderchat_jupyter.wire.ids import ChatId, ModelConfigId

__all__ = [
    "AI_PROVIDERS",
    "BUILD_INFO",
    "CHATS",
    "EXPERIMENTAL",
    "MODELS",
    "MODEL_CONFIGS",
    "ORGANIZATIONS",
    "STABLE",
    "TOKEN_COOKIE",
    "TOKEN_HEADER",
    "USERS",
    "VERSION_HEADER",
    "ai_provider",
    "chat",
    "cost_summary",
    "interrupt",
    "message",
    "messages",
    "model_config",
    "promote",
    "prompts",
    "queued",
    "stream",
    "user",
]

TOKEN_HEADER: Final = "Coder-Session-Token"  # noqa: S105  a header's name
TOKEN_COOKIE: Final = "coder_session_token"  # noqa: S105  a cookie's name
VERSION_HEADER: Final = "X-Coder-Build-Version"

EXPERIMENTAL: Final = "/api/experimental"
STABLE: Final = "/api/v2"
CHATS: Final = "/chats"
MODELS: Final = "/chats/models"
MODEL_CONFIGS: Final = "/chats/model-configs"

AI_PROVIDERS: Final = "/api/v2/ai/providers"
BUILD_INFO: Final = "/api/v2/buildinfo"
ORGANIZATIONS: Final = "/api/v2/organizations"
USERS: Final = "/api/v2/users"


def chat(chat_id: ChatId) -> str:
    """One chat."""
    return f"{CHATS}/{chat_id}"


def messages(chat_id: ChatId) -> str:
    """The messages of a chat."""
    return f"{CHATS}/{chat_id}/messages"


def message(chat_id: ChatId, message_id: int) -> str:
    """One message of a chat."""
    return f"{CHATS}/{chat_id}/messages/{message_id}"


def prompts(chat_id: ChatId) -> str:
    """What the user asked in a chat."""
    return f"{CHATS}/{chat_id}/prompts"


def stream(chat_id: ChatId) -> str:
    """The live events of a chat (WebSocket)."""
    return f"{CHATS}/{chat_id}/stream"


def interrupt(chat_id: ChatId) -> str:
    """Stop what runs."""
    return f"{CHATS}/{chat_id}/interrupt"


def queued(chat_id: ChatId, queued_id: int) -> str:
    """One queued message."""
    return f"{CHATS}/{chat_id}/queue/{queued_id}"


def promote(chat_id: ChatId, queued_id: int) -> str:
    """Send a queued message now."""
    return f"{CHATS}/{chat_id}/queue/{queued_id}/promote"


def model_config(model_config_id: ModelConfigId) -> str:
    """One model configuration."""
    return f"{MODEL_CONFIGS}/{model_config_id}"


def cost_summary(user: str) -> str:
    """What a user's chats cost; `user` is an id, a name or `me`."""
    return f"{CHATS}/cost/{user}/summary"


def ai_provider(id_or_name: str) -> str:
    """One AI provider. Absolute, not under `EXPERIMENTAL`."""
    return f"{AI_PROVIDERS}/{id_or_name}"


def user(name: str) -> str:
    """One user; `me` is the caller. Absolute, not under `EXPERIMENTAL`."""
    return f"{USERS}/{name}"
