"""Which class of ours stands for which Go type of the contracts.

One line per type, `module.Class` below `coderchat_jupyter.wire`, sorted by Go name.
Both generations share the table: a type that changed keeps its class.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

__all__ = ["ENUMS", "NOT_JSON", "REQUESTS", "TYPES", "ours"]

TYPES: Final = {
    "AIProviderSummary": "keys.AIProviderSummary",
    "AdvisorConfig": "settings.AdvisorConfig",
    "Chat": "chats.Chat",
    "ChatACL": "sharing.AccessList",
    "ChatAutoArchiveDaysResponse": "settings.AutoArchiveDays",
    "ChatComputerUseProviderResponse": "settings.ComputerUseProvider",
    "ChatCostChatBreakdown": "cost.ChatCost",
    "ChatCostModelBreakdown": "cost.ModelCost",
    "ChatCostSummary": "cost.CostSummary",
    "ChatCostUserRollup": "cost.UserCost",
    "ChatCostUsersResponse": "cost.CostByUser",
    "ChatDebugLoggingAdminSettings": "settings.DebugLogging",
    "ChatDebugRetentionDaysResponse": "settings.DebugRetentionDays",
    "ChatDebugRun": "debug.DebugRun",
    "ChatDebugRunSummary": "debug.DebugRunSummary",
    "ChatDebugStep": "debug.DebugStep",
    "ChatDesktopEnabledResponse": "settings.DesktopEnabled",
    "ChatDiffContents": "diffs.DiffContents",
    "ChatDiffStatus": "chats.DiffStatus",
    "ChatError": "failures.ChatError",
    "ChatFileMetadata": "chats.ChatFile",
    "ChatGitChange": "diffs.GitChange",
    "ChatGroup": "sharing.SharedGroup",
    "ChatInputPart": "messages.InputPart",
    "ChatMessage": "messages.Message",
    "ChatMessagePart": "parts.Part",
    "ChatMessageUsage": "messages.Usage",
    "ChatMessagesResponse": "messages.MessagesPage",
    "ChatModel": "models.CatalogueModel",
    "ChatModelAnthropicProviderOptions": "provider_options.AnthropicOptions",
    "ChatModelAnthropicThinkingOptions": "provider_options.AnthropicThinking",
    "ChatModelCallConfig": "models.CallConfig",
    "ChatModelConfig": "models.ModelConfig",
    "ChatModelGoogleProviderOptions": "provider_options.GoogleOptions",
    "ChatModelGoogleSafetySetting": "provider_options.GoogleSafetySetting",
    "ChatModelGoogleThinkingConfig": "provider_options.GoogleThinking",
    "ChatModelOpenAICompatProviderOptions": "provider_options.OpenAICompatOptions",
    "ChatModelOpenAIProviderOptions": "provider_options.OpenAIOptions",
    "ChatModelOpenRouterProvider": "provider_options.OpenRouterRouting",
    "ChatModelOpenRouterProviderOptions": "provider_options.OpenRouterOptions",
    "ChatModelOpenRouterReasoningOptions": "provider_options.ReasoningOptions",
    "ChatModelOverrideResponse": "settings.ModelOverride",
    "ChatModelProvider": "models.CatalogueProvider",
    "ChatModelProviderOptions": "provider_options.ProviderOptions",
    "ChatModelReasoningOptions": "provider_options.ReasoningOptions",
    "ChatModelVercelGatewayProviderOptions": "provider_options.VercelGateway",
    "ChatModelVercelProviderOptions": "provider_options.VercelOptions",
    "ChatModelVercelReasoningOptions": "provider_options.ReasoningOptions",
    "ChatModelsResponse": "models.ModelsResponse",
    "ChatPersonalModelOverride": "settings.PersonalOverride",
    "ChatPersonalModelOverrideDeploymentDefaults": (
        "settings.PersonalOverrideDefaults"
    ),
    "ChatPersonalModelOverridesAdminSettings": "settings.PersonalOverridesAllowed",
    "ChatPlanModeInstructionsResponse": "settings.PlanModeInstructions",
    "ChatPrompt": "messages.Prompt",
    "ChatPromptsResponse": "messages.Prompts",
    "ChatProviderConfig": "keys.ChatProvider",
    "ChatQueuedMessage": "messages.QueuedMessage",
    "ChatRetentionDaysResponse": "settings.RetentionDays",
    "ChatStreamActionRequired": "events.ActionRequired",
    "ChatStreamError": "failures.ChatError",
    "ChatStreamEvent": "events.Event",
    "ChatStreamMessagePart": "events.StreamedPart",
    "ChatStreamRetry": "events.Retry",
    "ChatStreamStatus": "events.Status",
    "ChatStreamToolCall": "events.StreamedToolCall",
    "ChatSystemPromptResponse": "settings.SystemPrompt",
    "ChatTemplateAllowlist": "settings.TemplateAllowlist",
    "ChatUsageLimitConfig": "usage.UsageLimitConfig",
    "ChatUsageLimitConfigResponse": "usage.UsageLimitSettings",
    "ChatUsageLimitExceededResponse": "failures.UsageLimitBody",
    "ChatUsageLimitGroupOverride": "usage.GroupLimit",
    "ChatUsageLimitOverride": "usage.UserLimit",
    "ChatUsageLimitStatus": "cost.UsageLimitStatus",
    "ChatUser": "sharing.SharedUser",
    "ChatWatchEvent": "watch.WatchEvent",
    "ChatWithMessages": "chats.ChatWithMessages",
    "ChatWorkspaceTTLResponse": "settings.WorkspaceTTL",
    "CreateChatMessageRequest": "messages.SendMessage",
    "CreateChatMessageResponse": "messages.SentMessage",
    "CreateChatModelConfigRequest": "models.CreateModelConfig",
    "CreateChatProviderConfigRequest": "keys.CreateChatProvider",
    "CreateChatRequest": "chats.CreateChat",
    "CreateUserAIProviderKeyRequest": "keys.KeyInput",
    "CreateUserChatProviderKeyRequest": "keys.KeyInput",
    "DynamicTool": "tools.DynamicTool",
    "DynamicToolCall": "tools.DynamicToolCall",
    "DynamicToolResponse": "tools.DynamicToolResponse",
    "EditChatMessageRequest": "messages.EditMessage",
    "EditChatMessageResponse": "messages.EditedMessage",
    "ModelCostConfig": "cost.Prices",
    "PRInsightsModelBreakdown": "insights.PullRequestModel",
    "PRInsightsPullRequest": "insights.PullRequest",
    "PRInsightsResponse": "insights.PullRequestInsights",
    "PRInsightsSummary": "insights.PullRequestSummary",
    "PRInsightsTimeSeriesEntry": "insights.PullRequestDay",
    "ProposeChatTitleResponse": "chats.ProposedTitle",
    "SubmitToolResultsRequest": "tools.SubmitToolResults",
    "ToolResult": "tools.ToolResult",
    "UpdateChatACL": "sharing.UpdateAccess",
    "UpdateChatAutoArchiveDaysRequest": "settings.AutoArchiveDays",
    "UpdateChatComputerUseProviderRequest": "settings.ComputerUseProvider",
    "UpdateChatDebugLoggingAllowUsersRequest": "settings.DebugLoggingChange",
    "UpdateChatDebugRetentionDaysRequest": "settings.DebugRetentionDays",
    "UpdateChatDesktopEnabledRequest": "settings.DesktopEnabled",
    "UpdateChatModelConfigRequest": "models.UpdateModelConfig",
    "UpdateChatModelOverrideRequest": "settings.ModelOverrideChange",
    "UpdateChatPersonalModelOverridesAdminSettingsRequest": (
        "settings.PersonalOverridesAllowed"
    ),
    "UpdateChatPlanModeInstructionsRequest": "settings.PlanModeInstructions",
    "UpdateChatProviderConfigRequest": "keys.UpdateChatProvider",
    "UpdateChatRequest": "chats.UpdateChat",
    "UpdateChatRetentionDaysRequest": "settings.RetentionDays",
    "UpdateChatSystemPromptRequest": "settings.SystemPromptChange",
    "UpdateChatWorkspaceTTLRequest": "settings.WorkspaceTTL",
    "UpdateUserChatCompactionThresholdRequest": "settings.CompactionThresholdChange",
    "UpdateUserChatDebugLoggingRequest": "settings.UserDebugLoggingChange",
    "UpdateUserChatPersonalModelOverrideRequest": "settings.PersonalOverrideChange",
    "UploadChatFileResponse": "files.UploadedFile",
    "UpsertChatUsageLimitGroupOverrideRequest": "usage.WriteLimit",
    "UpsertChatUsageLimitOverrideRequest": "usage.WriteLimit",
    "UserAIProviderKeyConfig": "keys.UserKey",
    "UserChatCompactionThreshold": "settings.CompactionThreshold",
    "UserChatCompactionThresholds": "settings.CompactionThresholds",
    "UserChatCustomPrompt": "settings.CustomPrompt",
    "UserChatDebugLoggingSettings": "settings.UserDebugLogging",
    "UserChatPersonalModelOverridesResponse": "settings.PersonalOverrides",
    "UserChatProviderConfig": "keys.UserChatProvider",
    "chatStreamEnvelope": "framing.Envelope",
}

NOT_JSON: Final = frozenset({"ChatCostUsersOptions", "ListChatsOptions"})
"""Query parameters: keyword arguments of client methods."""

REQUESTS: Final = frozenset(
    name
    for name in TYPES
    if name.endswith("Request") or name.startswith(("Create", "Update", "Upsert"))
)
"""What only clients write. Enum values are ours to choose there."""

ENUMS: Final = {
    "ChatAttachmentMediaType": "files.MediaType",
}
"""Enums that no field of the contracts has."""


def ours(name: str) -> Any:
    """Find a class, or an alias of several, by its name in the table.

    Raises:
        LookupError: There is none yet.
    """
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(
            importlib.import_module(f"coderchat_jupyter.wire.{module}"), attribute
        )
    except (ImportError, AttributeError) as error:
        raise LookupError(name) from error
