"""The operations on settings, models, providers, keys, costs, and the neighbours."""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.server.openapi._operations import (
    GONE,
    NOTHING,
    Operation,
    Table,
    Text,
    answers,
    moment,
    number,
    word,
)
from coderchat_jupyter.server.routes import _bodies as bodies
from coderchat_jupyter.server.routes import _config_bodies as config
from coderchat_jupyter.server.routes.mcp_servers import (
    CreateMcpServerBody,
    UpdateMcpServerBody,
)
from coderchat_jupyter.server.routes.user_keys import UserKeyBody
from coderchat_jupyter.wire import settings
from coderchat_jupyter.wire.cost import CostByUser, CostSummary
from coderchat_jupyter.wire.groups import Group, UserList
from coderchat_jupyter.wire.insights import PullRequestInsights
from coderchat_jupyter.wire.keys import UserKey
from coderchat_jupyter.wire.mcp import McpServer
from coderchat_jupyter.wire.models import ModelConfig, ModelsResponse
from coderchat_jupyter.wire.providers import AIProvider
from coderchat_jupyter.wire.usage import (
    GroupLimit,
    UsageLimitConfig,
    UsageLimitSettings,
    UsageLimitStatus,
    UserLimit,
)
from coderchat_jupyter.wire.users import BuildInfo, Organization, User

__all__ = ["SETTINGS"]

_ROOT: Final = "/api/experimental/chats"
_CONFIG: Final = f"{_ROOT}/config"
_MODELS: Final = f"{_ROOT}/model-configs"
_LIMITS: Final = f"{_ROOT}/usage-limits"
_KEYS: Final = "/api/experimental/users/{user}/ai-provider-keys"
_PROVIDERS: Final = "/api/v2/ai/providers"
_MCP: Final = "/api/experimental/mcp/servers"
_RANGE: Final = (moment("start_date"), moment("end_date"))


def _setting(name: str, read: type, written: type, *, hidden: bool = False) -> Table:
    """A setting of one object: read whole, replaced whole."""
    refusals = (404,) if hidden else ()
    return {
        f"GET {_CONFIG}/{name}": answers(read, refusals=refusals),
        f"PUT {_CONFIG}/{name}": answers(
            NOTHING, 204, body=written, refusals=(400, *refusals)
        ),
    }


SETTINGS: Final[Table] = {
    f"GET {_ROOT}/models": answers(ModelsResponse, refusals=()),
    f"GET {_MODELS}": answers(list[ModelConfig], refusals=()),
    f"POST {_MODELS}": answers(
        ModelConfig, 201, body=bodies.CreateModelConfigBody, refusals=(400, 409, 412)
    ),
    f"PATCH {_MODELS}/{{config}}": answers(
        ModelConfig, body=bodies.UpdateModelConfigBody, refusals=(400, 404, 409, 412)
    ),
    f"DELETE {_MODELS}/{{config}}": answers(NOTHING, 204),
    **_setting(
        "system-prompt", settings.SystemPrompt, config.SystemPromptBody, hidden=True
    ),
    **_setting(
        "plan-mode-instructions",
        settings.PlanModeInstructions,
        config.PlanInstructionsBody,
        hidden=True,
    ),
    f"GET {_CONFIG}/user-prompt": answers(settings.CustomPrompt, refusals=()),
    f"PUT {_CONFIG}/user-prompt": answers(
        settings.CustomPrompt, body=config.UserPromptBody, refusals=(400,)
    ),
    f"GET {_CONFIG}/model-override/{{context}}": answers(settings.ModelOverride),
    f"PUT {_CONFIG}/model-override/{{context}}": answers(
        NOTHING, 204, body=config.ModelOverrideBody
    ),
    f"GET {_CONFIG}/user-personal-model-overrides": answers(
        settings.PersonalOverrides, refusals=()
    ),
    f"PUT {_CONFIG}/user-personal-model-overrides/{{context}}": answers(
        NOTHING, 204, body=config.PersonalOverrideBody
    ),
    f"GET {_CONFIG}/user-compaction-thresholds": answers(
        settings.CompactionThresholds, refusals=()
    ),
    f"PUT {_CONFIG}/user-compaction-thresholds/{{config}}": answers(
        settings.CompactionThreshold, body=config.ThresholdBody
    ),
    f"DELETE {_CONFIG}/user-compaction-thresholds/{{config}}": answers(NOTHING, 204),
    **_setting(
        "debug-logging", settings.DebugLogging, config.AllowUsersBody, hidden=True
    ),
    f"GET {_CONFIG}/user-debug-logging": answers(
        settings.UserDebugLogging, refusals=()
    ),
    f"PUT {_CONFIG}/user-debug-logging": answers(
        NOTHING, 204, body=config.UserDebugBody, refusals=(400, 409)
    ),
    **_setting(
        "personal-model-overrides",
        settings.PersonalOverridesAllowed,
        config.AllowUsersBody,
        hidden=True,
    ),
    **_setting("desktop-enabled", settings.DesktopEnabled, config.DesktopBody),
    **_setting(
        "computer-use-provider", settings.ComputerUseProvider, config.ComputerUseBody
    ),
    **_setting("advisor", settings.AdvisorConfig, config.AdvisorBody),
    **_setting("workspace-ttl", settings.WorkspaceTTL, config.WorkspaceTTLBody),
    **_setting("retention-days", settings.RetentionDays, config.RetentionBody),
    **_setting(
        "debug-retention-days", settings.DebugRetentionDays, config.DebugRetentionBody
    ),
    **_setting("auto-archive-days", settings.AutoArchiveDays, config.AutoArchiveBody),
    **_setting(
        "template-allowlist",
        settings.TemplateAllowlist,
        config.TemplatesBody,
        hidden=True,
    ),
    **{
        f"{method} {_ROOT}/{name}{entry}": GONE
        for name in ("providers", "user-provider-configs")
        for entry in ("", "/{id}")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    },
    f"GET {_KEYS}": answers(list[UserKey]),
    f"PUT {_KEYS}/{{provider}}": answers(
        UserKey, body=UserKeyBody, refusals=(400, 404, 412)
    ),
    f"DELETE {_KEYS}/{{provider}}": answers(NOTHING, 204),
    f"GET {_LIMITS}": answers(UsageLimitSettings, refusals=()),
    f"PUT {_LIMITS}": answers(
        UsageLimitConfig, body=bodies.UsageLimitConfigBody, refusals=(400,)
    ),
    f"GET {_LIMITS}/status": answers(UsageLimitStatus, refusals=()),
    f"PUT {_LIMITS}/overrides/{{user}}": answers(UserLimit, body=bodies.UsageLimitBody),
    f"DELETE {_LIMITS}/overrides/{{user}}": answers(NOTHING, 204),
    f"PUT {_LIMITS}/group-overrides/{{group}}": answers(
        GroupLimit, body=bodies.UsageLimitBody
    ),
    f"DELETE {_LIMITS}/group-overrides/{{group}}": answers(NOTHING, 204),
    f"GET {_ROOT}/cost/users": answers(
        CostByUser,
        query=(*_RANGE, word("username"), number("limit"), number("offset")),
        refusals=(400,),
    ),
    f"GET {_ROOT}/cost/{{user}}/summary": answers(CostSummary, query=_RANGE),
    f"GET {_ROOT}/insights/pull-requests": answers(
        PullRequestInsights, query=_RANGE, refusals=(400,)
    ),
    f"GET {_PROVIDERS}": answers(list[AIProvider], refusals=()),
    f"POST {_PROVIDERS}": answers(
        AIProvider, 201, body=bodies.CreateProviderBody, refusals=(400, 409)
    ),
    f"GET {_PROVIDERS}/{{provider}}": answers(AIProvider),
    f"PATCH {_PROVIDERS}/{{provider}}": answers(
        AIProvider, body=bodies.UpdateProviderBody
    ),
    f"DELETE {_PROVIDERS}/{{provider}}": answers(NOTHING, 204),
    f"GET {_MCP}": answers(list[McpServer], refusals=()),
    f"POST {_MCP}": answers(
        McpServer, 201, body=CreateMcpServerBody, refusals=(400, 409)
    ),
    f"GET {_MCP}/{{server}}": answers(McpServer),
    f"PATCH {_MCP}/{{server}}": answers(
        McpServer, body=UpdateMcpServerBody, refusals=(400, 404, 409)
    ),
    f"DELETE {_MCP}/{{server}}": answers(NOTHING, 204),
    f"GET {_MCP}/{{server}}/oauth2/connect": Operation({}),
    f"GET {_MCP}/{{server}}/oauth2/callback": Operation({}),
    f"DELETE {_MCP}/{{server}}/oauth2/disconnect": answers(
        NOTHING, 204, refusals=(400,)
    ),
    "GET /api/v2/buildinfo": answers(BuildInfo, refusals=(), is_open=True),
    "GET /api/v2/users": answers(
        UserList, query=(word("q"), number("limit"), number("offset")), refusals=(400,)
    ),
    "GET /api/v2/users/{user}": answers(User),
    "GET /api/v2/users/{user}/organizations": answers(list[Organization]),
    "GET /api/v2/organizations": answers(list[Organization], refusals=()),
    "GET /api/v2/organizations/{organization}": answers(Organization),
    "GET /api/v2/groups": answers(list[Group], refusals=()),
    "GET /api/v2/groups/{group}": answers(Group, refusals=(400, 404)),
    "GET /api/v2/organizations/{organization}/groups": answers(list[Group]),
    "GET /api/v2/organizations/{organization}/groups/{group}": answers(Group),
    "GET /healthz": Operation({200: Text, 503: Text}, refusals=(), is_open=True),
    "GET /openapi.json": answers(dict[str, Any], refusals=(), is_open=True),
}
