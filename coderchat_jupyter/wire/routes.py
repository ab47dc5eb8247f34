"""Paths of the API, each said once for client and server.

Paths of the chat tree are relative: it is under `EXPERIMENTAL`, or under `STABLE` from
v2.37 on. Paths that begin with `/api/` are whole.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from coderchat_jupyter.wire.ids import (
    ChatId,
    FileId,
    GroupId,
    ModelConfigId,
    OrganizationId,
    ProviderId,
    UserId,
)

__all__ = [
    "AI_PROVIDERS",
    "BUILD_INFO",
    "BY_WORKSPACE",
    "CHATS",
    "CHAT_PROVIDERS",
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
    "USER_CHAT_PROVIDERS",
    "VERSION_HEADER",
    "WATCH",
    "acl",
    "action",
    "ai_provider",
    "chat",
    "chat_cost",
    "chat_file",
    "chat_file_url",
    "chat_provider",
    "cost_summary",
    "debug_run",
    "debug_runs",
    "diff",
    "diff_status",
    "git_changes",
    "group_limit",
    "interrupt",
    "member_overrides",
    "message",
    "messages",
    "model_config",
    "organization_models",
    "organization_overrides",
    "promote",
    "prompts",
    "queued",
    "setting",
    "stream",
    "stream_git",
    "user",
    "user_chat_provider",
    "user_key",
    "user_keys",
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
BY_WORKSPACE: Final = "/chats/by-workspace"
CHAT_PROVIDERS: Final = "/chats/providers"
USER_CHAT_PROVIDERS: Final = "/chats/user-provider-configs"

AI_PROVIDERS: Final = "/api/v2/ai/providers"
BUILD_INFO: Final = "/api/v2/buildinfo"
ORGANIZATIONS: Final = "/api/v2/organizations"
USERS: Final = "/api/v2/users"


def chat(chat_id: ChatId) -> str:
    """One chat."""
    return f"{CHATS}/{_one(chat_id)}"


def messages(chat_id: ChatId) -> str:
    """The messages of a chat."""
    return f"{CHATS}/{_one(chat_id)}/messages"


def message(chat_id: ChatId, message_id: int) -> str:
    """One message of a chat."""
    return f"{CHATS}/{_one(chat_id)}/messages/{message_id}"


def prompts(chat_id: ChatId) -> str:
    """What the user asked in a chat."""
    return f"{CHATS}/{_one(chat_id)}/prompts"


def stream(chat_id: ChatId) -> str:
    """The live events of a chat (WebSocket)."""
    return f"{CHATS}/{_one(chat_id)}/stream"


def stream_git(chat_id: ChatId) -> str:
    """The repositories of a chat's workspace (WebSocket)."""
    return f"{CHATS}/{_one(chat_id)}/stream/git"


def interrupt(chat_id: ChatId) -> str:
    """Stop what runs."""
    return f"{CHATS}/{_one(chat_id)}/interrupt"


def queued(chat_id: ChatId, queued_id: int) -> str:
    """One queued message."""
    return f"{CHATS}/{_one(chat_id)}/queue/{queued_id}"


def promote(chat_id: ChatId, queued_id: int) -> str:
    """Send a queued message now."""
    return f"{CHATS}/{_one(chat_id)}/queue/{queued_id}/promote"


def model_config(model_config_id: ModelConfigId) -> str:
    """One model configuration."""
    return f"{MODEL_CONFIGS}/{_one(model_config_id)}"


def cost_summary(user: str) -> str:
    """What a user's chats cost; `user` is an id, a name or `me`."""
    return f"{CHATS}/cost/{_one(user)}/summary"


def ai_provider(id_or_name: str) -> str:
    """One AI provider. Absolute, not under `EXPERIMENTAL`."""
    return f"{AI_PROVIDERS}/{_one(id_or_name)}"


def user(name: str) -> str:
    """One user; `me` is the caller. Absolute, not under `EXPERIMENTAL`."""
    return f"{USERS}/{_one(name)}"


def chat_cost(chat_id: ChatId) -> str:
    """What one chat cost (after v2.36)."""
    return f"{CHATS}/{_one(chat_id)}/cost"


def acl(chat_id: ChatId) -> str:
    """Who may read a chat."""
    return f"{CHATS}/{_one(chat_id)}/acl"


def diff(chat_id: ChatId) -> str:
    """The changes of a chat, as text."""
    return f"{CHATS}/{_one(chat_id)}/diff"


def diff_status(chat_id: ChatId) -> str:
    """The pull request of a chat (before v2.32)."""
    return f"{CHATS}/{_one(chat_id)}/diff-status"


def git_changes(chat_id: ChatId) -> str:
    """The changed files of a chat. No release ever answered it."""
    return f"{CHATS}/{_one(chat_id)}/git-changes"


def debug_runs(chat_id: ChatId) -> str:
    """The debug runs of a chat."""
    return f"{CHATS}/{_one(chat_id)}/debug/runs"


def debug_run(chat_id: ChatId, run_id: str) -> str:
    """One debug run, with its steps."""
    return f"{CHATS}/{_one(chat_id)}/debug/runs/{_one(run_id)}"


def chat_file(file_id: FileId) -> str:
    """The bytes of a file."""
    return f"{FILES}/{_one(file_id)}"


def chat_file_url(file_id: FileId) -> str:
    """An address for whoever should fetch a file (after v2.36)."""
    return f"{FILES}/{_one(file_id)}/download-url"


def user_limit(user_id: UserId) -> str:
    """The usage limit of one user."""
    return f"{USAGE_LIMITS}/overrides/{_one(user_id)}"


def group_limit(group_id: GroupId) -> str:
    """The usage limit of the members of a group."""
    return f"{USAGE_LIMITS}/group-overrides/{_one(group_id)}"


def action(chat_id: ChatId, name: str) -> str:
    """Something to do with a chat that has no place of its own, such as `compact`."""
    return f"{CHATS}/{_one(chat_id)}/{name}"


def chat_provider(provider_id: ProviderId) -> str:
    """One provider of a server before v2.34."""
    return f"{CHAT_PROVIDERS}/{_one(provider_id)}"


def user_chat_provider(provider_id: ProviderId) -> str:
    """The caller's key for a provider of a server before v2.34."""
    return f"{USER_CHAT_PROVIDERS}/{_one(provider_id)}"


def user_keys(user: str) -> str:
    """The keys of a user; `user` is an id, a name or `me`."""
    return f"/users/{_one(user)}/ai-provider-keys"


def user_key(user: str, provider_id: ProviderId) -> str:
    """The key of a user for one provider."""
    return f"{user_keys(user)}/{_one(provider_id)}"


def setting(name: str, *more: str) -> str:
    """A setting, or what of it belongs to one context or model."""
    return _below(f"{CHATS}/config/{name}", more)


def organization_models(organization_id: OrganizationId, *more: str) -> str:
    """The model configurations of an organization, or one of them (v2.37)."""
    return _below(f"{ORGANIZATIONS}/{_one(organization_id)}/chats/models", more)


def organization_overrides(organization_id: OrganizationId, *more: str) -> str:
    """The model overrides of an organization, or one of them (v2.37)."""
    home = f"{ORGANIZATIONS}/{_one(organization_id)}"
    return _below(f"{home}/chats/model-overrides", more)


def member_overrides(organization_id: OrganizationId, user: str, *more: str) -> str:
    """The model overrides of a member, or one of them (v2.37)."""
    member = f"{ORGANIZATIONS}/{_one(organization_id)}/members/{_one(user)}"
    return _below(f"{member}/chats/model-overrides", more)


def _below(path: str, more: tuple[str, ...]) -> str:
    return "/".join((path, *(_one(part) for part in more)))


def _one(name: str) -> str:
    """One step of a path, whatever the name holds; braces are of a pattern."""
    step = quote(name, safe="{}", errors="replace")
    # A step of dots alone leads up.
    return step if step.strip(".") else step.replace(".", "%2E")
