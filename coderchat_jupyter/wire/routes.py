"""Paths of the API, each said once for client and server.

Paths of the chat tree are relative: it is under `EXPERIMENTAL`, or under `STABLE` from
v2.37 on. Paths that begin with `/api/` are whole.
"""

from __future__ import annotations

from typing import Final

from coderchat_jupyter.wire.ids import (
    ChatId,
    FileId,
    GroupId,
    ModelConfigId,
    UserId,
)

__all__ = [
    "AI_PROVIDERS",
    "BUILD_INFO",
    "CHATS",
    "COST_BY_USER",
    "EXPERIMENTAL",
    "FILES",
    "MODELS",
    "MODEL_CONFIGS",
    "ORGANIZATIONS",
    "PULL_REQUEST_INSIGHTS",
    "STABLE",
    "TOKEN_COOKIE",
    "TOKEN_HEADER",
    "USAGE_LIMITS",
    "USAGE_LIMIT_STATUS",
    "USERS",
    "VERSION_HEADER",
    "WATCH",
    "acl",
    "ai_provider",
    "chat",
    "chat_cost",
    "chat_file",
    "chat_file_url",
    "cost_summary",
    "debug_run",
    "debug_runs",
    "diff",
    "diff_status",
    "git_changes",
    "group_limit",
    "interrupt",
    "message",
    "messages",
    "model_config",
    "promote",
    "prompts",
    "queued",
    "stream",
    "stream_git",
    "user",
    "user_limit",
]

TOKEN_HEADER: Final = "Coder-Session-Token"  # noqa: S105  a header's name
TOKEN_COOKIE: Final = "coder_session_token"  # noqa: S105  a cookie's name
VERSION_HEADER: Final = "X-Coder-Build-Version"

EXPERIMENTAL: Final = "/api/experimental"
STABLE: Final = "/api/v2"
CHATS: Final = "/chats"
WATCH: Final = "/chats/watch"
MODELS: Final = "/chats/models"
MODEL_CONFIGS: Final = "/chats/model-configs"
FILES: Final = "/chats/files"
COST_BY_USER: Final = "/chats/cost/users"
USAGE_LIMITS: Final = "/chats/usage-limits"
USAGE_LIMIT_STATUS: Final = "/chats/usage-limits/status"
PULL_REQUEST_INSIGHTS: Final = "/chats/insights/pull-requests"

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


def stream_git(chat_id: ChatId) -> str:
    """The repositories of a chat's workspace (WebSocket)."""
    return f"{CHATS}/{chat_id}/stream/git"


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


def chat_cost(chat_id: ChatId) -> str:
    """What one chat cost (after v2.36)."""
    return f"{CHATS}/{chat_id}/cost"


def acl(chat_id: ChatId) -> str:
    """Who may read a chat."""
    return f"{CHATS}/{chat_id}/acl"


def diff(chat_id: ChatId) -> str:
    """The changes of a chat, as text."""
    return f"{CHATS}/{chat_id}/diff"


def diff_status(chat_id: ChatId) -> str:
    """The pull request of a chat (before v2.32)."""
    return f"{CHATS}/{chat_id}/diff-status"


def git_changes(chat_id: ChatId) -> str:
    """The changed files of a chat. No release ever answered it."""
    return f"{CHATS}/{chat_id}/git-changes"


def debug_runs(chat_id: ChatId) -> str:
    """The debug runs of a chat."""
    return f"{CHATS}/{chat_id}/debug/runs"


def debug_run(chat_id: ChatId, run_id: str) -> str:
    """One debug run, with its steps."""
    return f"{CHATS}/{chat_id}/debug/runs/{run_id}"


def chat_file(file_id: FileId) -> str:
    """The bytes of a file."""
    return f"{FILES}/{file_id}"


def chat_file_url(file_id: FileId) -> str:
    """An address for whoever should fetch a file (after v2.36)."""
    return f"{FILES}/{file_id}/download-url"


def user_limit(user_id: UserId) -> str:
    """The usage limit of one user."""
    return f"{USAGE_LIMITS}/overrides/{user_id}"


def group_limit(group_id: GroupId) -> str:
    """The usage limit of the members of a group."""
    return f"{USAGE_LIMITS}/group-overrides/{group_id}"
