"""Settings of the deployment, and of the user who asks.

A body that is read and one that is written are the same class where the server treats
them alike.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.ids import ZERO_UUID, ModelConfigId

__all__ = [
    "AdvisorConfig",
    "AutoArchiveDays",
    "CompactionThreshold",
    "CompactionThresholdChange",
    "CompactionThresholds",
    "ComputerUseProvider",
    "CustomPrompt",
    "DebugLogging",
    "DebugLoggingChange",
    "DebugRetentionDays",
    "DesktopEnabled",
    "ModelOverride",
    "ModelOverrideChange",
    "ModelOverrides",
    "OverrideContext",
    "PersonalContext",
    "PersonalMode",
    "PersonalOverride",
    "PersonalOverrideChange",
    "PersonalOverrideDefaults",
    "PersonalOverrides",
    "PersonalOverridesAllowed",
    "PlanModeInstructions",
    "RetentionDays",
    "SystemPrompt",
    "SystemPromptChange",
    "TemplateAllowlist",
    "UserDebugLogging",
    "UserDebugLoggingChange",
    "WorkspaceTTL",
]

OverrideContext: TypeAlias = Literal[
    "general", "explore", "title_generation", "compaction"
]
"""What a model of its own may be chosen for; `compaction` from v2.36 on."""

PersonalContext: TypeAlias = Literal["root", "general", "explore"]
"""What a user may choose a model of their own for."""

PersonalMode: TypeAlias = Literal["deployment_default", "chat_default", "model"]
"""Whose choice counts: the deployment's, the chat's, or the model that is named."""


class SystemPrompt(WireModel):
    """What every chat of the deployment begins with.

    Attributes:
        system_prompt: The deployment's own text.
        include_default_system_prompt: The built-in text comes before it.
        default_system_prompt: The built-in text.
    """

    system_prompt: str = ""
    include_default_system_prompt: bool = False
    default_system_prompt: str = ""


class SystemPromptChange(WireModel):
    """A new system prompt; `include_default_system_prompt` None stays as it is."""

    system_prompt: str
    include_default_system_prompt: Annotated[bool | None, OMIT] = None


class PlanModeInstructions(WireModel):
    """What a chat in plan mode is told besides."""

    plan_mode_instructions: str = ""


class ModelOverride(WireModel):
    """Which model does a certain work, whatever the chat's own model is.

    Attributes:
        context: The work; open, see `OverrideContext`.
        model_config_id: Empty if nothing is overridden.
        is_malformed: What is stored names no model.
    """

    context: Annotated[str, Words(*get_args(OverrideContext))] = ""
    model_config_id: str = ""
    is_malformed: bool = False


class ModelOverrides(WireModel):
    """All overrides of an organization (v2.37 and later)."""

    overrides: Items[ModelOverride] = ()


class ModelOverrideChange(WireModel):
    """The model to use from now on; empty for none."""

    model_config_id: str = ""
    reasoning_effort: Annotated[str | None, OMIT] = None


class PersonalOverride(WireModel):
    """A user's own choice of model for one kind of work.

    Attributes:
        context: The work; open, see `PersonalContext`.
        mode: Whose choice counts; open, see `PersonalMode`.
        model_config_id: Empty unless `mode` is `model`.
        is_set: The user chose; otherwise these are defaults.
        is_malformed: What is stored names no model.
    """

    context: Annotated[str, Words(*get_args(PersonalContext))] = ""
    mode: Annotated[str, Words(*get_args(PersonalMode))] = ""
    model_config_id: str = ""
    is_set: bool = False
    is_malformed: bool = False


class PersonalOverrideDefaults(WireModel):
    """What the deployment chose, for a user who leaves it to the deployment."""

    general: ModelOverride = Field(default_factory=ModelOverride)
    explore: ModelOverride = Field(default_factory=ModelOverride)


class PersonalOverrides(WireModel):
    """All choices of the user; `enabled` says whether the deployment heeds them."""

    enabled: bool = False
    root: PersonalOverride = Field(default_factory=PersonalOverride)
    general: PersonalOverride = Field(default_factory=PersonalOverride)
    explore: PersonalOverride = Field(default_factory=PersonalOverride)
    deployment_defaults: PersonalOverrideDefaults = Field(
        default_factory=PersonalOverrideDefaults
    )


class PersonalOverrideChange(WireModel):
    """A new choice; `model_config_id` is empty unless `mode` is `model`."""

    mode: Annotated[str, Words(*get_args(PersonalMode))]
    model_config_id: str = ""
    reasoning_effort: Annotated[str | None, OMIT] = None


class PersonalOverridesAllowed(WireModel):
    """Whether users may choose models of their own."""

    allow_users: bool = False


class CustomPrompt(WireModel):
    """What the user wants every chat of theirs to be told."""

    custom_prompt: str = ""


class CompactionThreshold(WireModel):
    """When the chats of a user with one model are summed up.

    Attributes:
        model_config_id: The model.
        threshold_percent: Of the model's context, 0 to 100.
    """

    model_config_id: ModelConfigId
    threshold_percent: int = 0


class CompactionThresholds(WireModel):
    """The user's own thresholds; models without one use their configuration's."""

    thresholds: Items[CompactionThreshold] = ()


class CompactionThresholdChange(WireModel):
    """A new threshold, in percent of the context."""

    threshold_percent: int


class DesktopEnabled(WireModel):
    """Whether agents may use the desktop of a workspace."""

    enable_desktop: bool = False


class AdvisorConfig(WireModel):
    """A second model that an agent may ask for advice.

    Attributes:
        enabled: Agents have the advisor.
        max_uses_per_run: How often in one run; 0 is no limit of its own.
        max_output_tokens: Of one piece of advice; 0 is the model's own limit.
        model_config_id: Who advises; the zero id is the chat's own model.
    """

    enabled: bool = False
    max_uses_per_run: int = 0
    max_output_tokens: int = 0
    model_config_id: str = ZERO_UUID


class ComputerUseProvider(WireModel):
    """Whose models use a desktop: `anthropic` or `openai`."""

    provider: str = ""


class DebugLogging(WireModel):
    """Whether users may have their chats recorded in detail.

    Attributes:
        allow_users: They may switch it on for themselves.
        forced_by_deployment: It is on for everybody, by the server's flags.
    """

    allow_users: bool = False
    forced_by_deployment: bool = False


class DebugLoggingChange(WireModel):
    """Let users switch the detailed record on, or not."""

    allow_users: bool


class UserDebugLogging(WireModel):
    """Whether the user's chats are recorded in detail.

    Attributes:
        debug_logging_enabled: They are.
        user_toggle_allowed: The user may change that.
        forced_by_deployment: It is on for everybody, by the server's flags.
    """

    debug_logging_enabled: bool = False
    user_toggle_allowed: bool = False
    forced_by_deployment: bool = False


class UserDebugLoggingChange(WireModel):
    """Record the user's chats in detail, or not."""

    debug_logging_enabled: bool


class WorkspaceTTL(WireModel):
    """How long a chat's workspace runs on, in milliseconds; 0 is for ever."""

    workspace_ttl_ms: int = 0


class RetentionDays(WireModel):
    """After how many days archived chats are deleted; 0 is never."""

    retention_days: int = 0


class DebugRetentionDays(WireModel):
    """After how many days detailed records are deleted; 0 is never."""

    debug_retention_days: int = 0


class AutoArchiveDays(WireModel):
    """After how many days without a message a chat is archived; 0 is never."""

    auto_archive_days: int = 0


class TemplateAllowlist(WireModel):
    """Which templates agents may make workspaces of; empty is all."""

    template_ids: Items[str] = ()
