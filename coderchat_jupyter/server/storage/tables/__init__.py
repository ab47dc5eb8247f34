"""The tables. Migrations make them; this is how queries name them."""

from __future__ import annotations

from coderchat_jupyter.server.storage.tables._chats import (
    chat_files,
    chat_readers,
    chats,
    files,
    messages,
    queued_messages,
)
from coderchat_jupyter.server.storage.tables._columns import metadata
from coderchat_jupyter.server.storage.tables._debug import (
    debug_runs,
    debug_steps,
)
from coderchat_jupyter.server.storage.tables._mcp_servers import (
    mcp_servers,
)
from coderchat_jupyter.server.storage.tables._models import (
    model_configs,
    provider_keys,
    providers,
    user_keys,
)
from coderchat_jupyter.server.storage.tables._notices import (
    large_notices,
)
from coderchat_jupyter.server.storage.tables._people import (
    group_members,
    groups,
    members,
    organizations,
    tokens,
    users,
)
from coderchat_jupyter.server.storage.tables._settings import (
    settings,
    usage_limits,
)

__all__ = [
    "chat_files",
    "chat_readers",
    "chats",
    "debug_runs",
    "debug_steps",
    "files",
    "group_members",
    "groups",
    "large_notices",
    "mcp_servers",
    "members",
    "messages",
    "metadata",
    "model_configs",
    "organizations",
    "provider_keys",
    "providers",
    "queued_messages",
    "settings",
    "tokens",
    "usage_limits",
    "user_keys",
    "users",
]
