"""Bodies of the settings; what is left out is Go's zero value."""

from __future__ import annotations

from pydantic import Field

from coderchat_jupyter.server.routes._body import Body, Int32, Int64, Uuid
from coderchat_jupyter.wire.ids import ZERO_UUID

__all__ = [
    "AdvisorBody",
    "AllowUsersBody",
    "AutoArchiveBody",
    "ComputerUseBody",
    "DebugRetentionBody",
    "DesktopBody",
    "ModelOverrideBody",
    "PersonalOverrideBody",
    "PlanInstructionsBody",
    "RetentionBody",
    "SystemPromptBody",
    "TemplatesBody",
    "ThresholdBody",
    "UserDebugBody",
    "UserPromptBody",
    "WorkspaceTTLBody",
]


class SystemPromptBody(Body):
    """Of `PUT /chats/config/system-prompt`; None keeps the stored flag."""

    system_prompt: str = ""
    include_default_system_prompt: bool | None = None


class PlanInstructionsBody(Body):
    """Of `PUT /chats/config/plan-mode-instructions`."""

    plan_mode_instructions: str = ""


class UserPromptBody(Body):
    """Of `PUT /chats/config/user-prompt`."""

    custom_prompt: str = ""


class ModelOverrideBody(Body):
    """Of `PUT /chats/config/model-override/{context}`."""

    model_config_id: str = ""


class PersonalOverrideBody(Body):
    """Of `PUT /chats/config/user-personal-model-overrides/{context}`."""

    mode: str = ""
    model_config_id: str = ""


class ThresholdBody(Body):
    """Of `PUT /chats/config/user-compaction-thresholds/{config}`."""

    threshold_percent: Int32 = 0


class AllowUsersBody(Body):
    """Of `PUT /chats/config/personal-model-overrides` and `…/debug-logging`."""

    allow_users: bool = False


class UserDebugBody(Body):
    """Of `PUT /chats/config/user-debug-logging`."""

    debug_logging_enabled: bool = False


class DesktopBody(Body):
    """Of `PUT /chats/config/desktop-enabled`."""

    enable_desktop: bool = False


class ComputerUseBody(Body):
    """Of `PUT /chats/config/computer-use-provider`."""

    provider: str = ""


class AdvisorBody(Body):
    """Of `PUT /chats/config/advisor`."""

    enabled: bool = False
    max_uses_per_run: Int64 = 0
    max_output_tokens: Int64 = 0
    model_config_id: Uuid = ZERO_UUID


class WorkspaceTTLBody(Body):
    """Of `PUT /chats/config/workspace-ttl`."""

    workspace_ttl_ms: Int64 = 0


class RetentionBody(Body):
    """Of `PUT /chats/config/retention-days`."""

    retention_days: Int32 = 0


class DebugRetentionBody(Body):
    """Of `PUT /chats/config/debug-retention-days`."""

    debug_retention_days: Int32 = 0


class AutoArchiveBody(Body):
    """Of `PUT /chats/config/auto-archive-days`."""

    auto_archive_days: Int32 = 0


class TemplatesBody(Body):
    """Of `PUT /chats/config/template-allowlist`."""

    template_ids: list[str] = Field(default_factory=list)
