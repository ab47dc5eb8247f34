"""How the settings of the Go client are called here."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.settings import AdvisorConfig
from tests.client.method_rows import ID, MODEL, Row

__all__ = ["SETTINGS"]

_FLAGS: Final = {
    "personal_overrides_allowed": "allowed",
    "desktop_enabled": "enabled",
    "debug_logging": "allow_users",
    "user_debug_logging": "enabled",
}


def _settings(name: str, ours: str, field: str, value: Any) -> dict[str, Row]:
    """A setting with one value: how it is read, and how it is changed."""

    async def write(client: Client) -> None:
        await getattr(client.settings, f"set_{ours}")(value)

    async def write_flag(client: Client) -> None:
        await getattr(client.settings, f"set_{ours}")(**{_FLAGS[ours]: value})

    def read(client: Client) -> Awaitable[Any]:
        found: Awaitable[Any] = getattr(client.settings, ours)()
        return found

    suffix = "AdminSettings" if name == "ChatPersonalModelOverrides" else ""
    request = {
        "ChatTemplateAllowlist": "ChatTemplateAllowlist",
        "ChatDebugLogging": "UpdateChatDebugLoggingAllowUsersRequest",
    }
    return {
        f"Get{name}{suffix}": Row(
            ours=f"settings.{ours}", call=read, answer={field: value}
        ),
        f"Update{name}{suffix}": Row(
            ours=f"settings.set_{ours}",
            call=write_flag if ours in _FLAGS else write,
            request=request.get(name, f"Update{name}{suffix}Request"),
        ),
    }


SETTINGS: Final[dict[str, Row]] = {
    **_settings(
        "ChatPlanModeInstructions",
        "plan_mode_instructions",
        "plan_mode_instructions",
        "Plan well.",
    ),
    **_settings(
        "ChatPersonalModelOverrides", "personal_overrides_allowed", "allow_users", True
    ),
    **_settings("ChatDesktopEnabled", "desktop_enabled", "enable_desktop", True),
    **_settings(
        "ChatComputerUseProvider", "computer_use_provider", "provider", "openai"
    ),
    **_settings("ChatWorkspaceTTL", "workspace_ttl", "workspace_ttl_ms", 60_000),
    **_settings("ChatRetentionDays", "retention_days", "retention_days", 7),
    **_settings(
        "ChatDebugRetentionDays", "debug_retention_days", "debug_retention_days", 7
    ),
    **_settings("ChatAutoArchiveDays", "auto_archive_days", "auto_archive_days", 7),
    **_settings("ChatTemplateAllowlist", "template_allowlist", "template_ids", [ID]),
    **_settings("ChatDebugLogging", "debug_logging", "allow_users", True),
    **_settings(
        "UserChatDebugLogging", "user_debug_logging", "debug_logging_enabled", True
    ),
    "GetChatSystemPrompt": Row(
        ours="settings.system_prompt", call=lambda c: c.settings.system_prompt()
    ),
    "UpdateChatSystemPrompt": Row(
        ours="settings.set_system_prompt",
        call=lambda c: c.settings.set_system_prompt("Be kind.", include_default=False),
        request="UpdateChatSystemPromptRequest",
    ),
    "GetChatModelOverride": Row(
        ours="settings.model_override",
        call=lambda c: c.settings.model_override("general"),
        holes=("general",),
    ),
    "UpdateChatModelOverride": Row(
        ours="settings.set_model_override",
        call=lambda c: c.settings.set_model_override("general", ID),
        holes=("general",),
        request="UpdateChatModelOverrideRequest",
    ),
    "GetUserChatPersonalModelOverrides": Row(
        ours="settings.personal_overrides",
        call=lambda c: c.settings.personal_overrides(),
    ),
    "UpdateUserChatPersonalModelOverride": Row(
        ours="settings.set_personal_override",
        call=lambda c: c.settings.set_personal_override("root", "model", ID),
        holes=("root",),
        request="UpdateUserChatPersonalModelOverrideRequest",
    ),
    "GetUserChatCustomPrompt": Row(
        ours="settings.custom_prompt", call=lambda c: c.settings.custom_prompt()
    ),
    "UpdateUserChatCustomPrompt": Row(
        ours="settings.set_custom_prompt",
        call=lambda c: c.settings.set_custom_prompt("Be brief."),
        request="UserChatCustomPrompt",
    ),
    "GetChatAdvisorConfig": Row(
        ours="settings.advisor", call=lambda c: c.settings.advisor()
    ),
    "UpdateChatAdvisorConfig": Row(
        ours="settings.set_advisor",
        call=lambda c: c.settings.set_advisor(AdvisorConfig(enabled=True)),
        request="AdvisorConfig",
    ),
    "GetUserChatCompactionThresholds": Row(
        ours="settings.compaction_thresholds",
        call=lambda c: c.settings.compaction_thresholds(),
    ),
    "UpdateUserChatCompactionThreshold": Row(
        ours="settings.set_compaction_threshold",
        call=lambda c: c.settings.set_compaction_threshold(MODEL, 70),
        holes=(ID,),
        request="UpdateUserChatCompactionThresholdRequest",
    ),
    "DeleteUserChatCompactionThreshold": Row(
        ours="settings.delete_compaction_threshold",
        call=lambda c: c.settings.delete_compaction_threshold(MODEL),
        holes=(ID,),
    ),
}
