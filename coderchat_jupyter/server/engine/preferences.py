"""What the settings mean to a chat: what it is told, and which model does what."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.engine.default_prompt import DEFAULT_PROMPT
from coderchat_jupyter.server.engine.plan_tools import PLAN_MODE, PLAN_PROMPT
from coderchat_jupyter.server.storage.model_configs import get_model_config
from coderchat_jupyter.server.storage.rows import ChatRow, ModelConfigRow
from coderchat_jupyter.server.storage.settings import (
    get_setting,
    settings_under,
)
from coderchat_jupyter.wire.ids import ModelConfigId, UserId
from coderchat_jupyter.wire.settings import (
    CompactionThreshold,
    ModelOverride,
    PersonalOverride,
    SystemPrompt,
)

__all__ = [
    "ALLOW_DEBUG",
    "ALLOW_PERSONAL",
    "AUTO_ARCHIVE",
    "DEBUG_RETENTION",
    "DEFAULT_DAYS",
    "MODEL_OVERRIDE",
    "PERSONAL_OVERRIDE",
    "PLAN_INSTRUCTIONS",
    "RETENTION",
    "SYSTEM_PROMPT",
    "THRESHOLD",
    "USER_DEBUG",
    "USER_PROMPT",
    "chosen_model",
    "compaction_threshold",
    "compaction_thresholds",
    "days_of",
    "debug_logging_allowed",
    "debug_logging_wanted",
    "deployment_prompt",
    "is_usable",
    "model_for",
    "model_override",
    "personal_override",
    "personal_overrides_allowed",
    "plan_instructions",
    "system_prompt",
    "told_besides",
    "user_prompt",
]

ALLOW_DEBUG: Final = "debug-logging"
ALLOW_PERSONAL: Final = "personal-model-overrides"
AUTO_ARCHIVE: Final = "auto-archive-days"
DEBUG_RETENTION: Final = "debug-retention-days"
MODEL_OVERRIDE: Final = "model-override/"
PERSONAL_OVERRIDE: Final = "user-personal-model-overrides/"
PLAN_INSTRUCTIONS: Final = "plan-mode-instructions"
RETENTION: Final = "retention-days"
SYSTEM_PROMPT: Final = "system-prompt"
THRESHOLD: Final = "user-compaction-thresholds/"
USER_DEBUG: Final = "user-debug-logging"
USER_PROMPT: Final = "user-prompt"

DEFAULT_DAYS: Final = {AUTO_ARCHIVE: 0, DEBUG_RETENTION: 30, RETENTION: 30}
"""What counts while an administrator has not chosen; 0 is never."""

_MAX_PERCENT: Final = 100


async def system_prompt(connection: AsyncConnection) -> SystemPrompt:
    """The prompt of the deployment, as it is set.

    Nobody having said otherwise, the built-in text counts unless there is another.
    """
    stored = await get_setting(connection, SYSTEM_PROMPT) or {}
    text = stored.get("system_prompt", "")
    included = stored.get("include_default_system_prompt")
    return SystemPrompt(
        system_prompt=text,
        include_default_system_prompt=not text if included is None else included,
        default_system_prompt=DEFAULT_PROMPT,
    )


async def deployment_prompt(connection: AsyncConnection) -> str:
    """What every new chat is told first; may be empty."""
    found = await system_prompt(connection)
    default = DEFAULT_PROMPT if found.include_default_system_prompt else ""
    return "\n\n".join(filter(None, (default, found.system_prompt)))


async def user_prompt(connection: AsyncConnection, user_id: UserId) -> str:
    """What the chats of a user are told besides; may be empty."""
    return str(await get_setting(connection, USER_PROMPT, user_id) or "")


async def plan_instructions(connection: AsyncConnection) -> str:
    """What chats in plan mode are told besides; may be empty."""
    return str(await get_setting(connection, PLAN_INSTRUCTIONS) or "")


async def told_besides(connection: AsyncConnection, chat: ChatRow) -> tuple[str, ...]:
    """What a chat is told after its own system texts, as things stand now."""
    texts = [await user_prompt(connection, chat.owner_id)]
    if chat.plan_mode == PLAN_MODE:
        texts += [PLAN_PROMPT, await plan_instructions(connection)]
    return tuple(filter(None, texts))


async def compaction_threshold(
    connection: AsyncConnection, user_id: UserId, config: ModelConfigRow
) -> int:
    """At how many percent of its context a chat of the user is summarised."""
    own = await get_setting(connection, f"{THRESHOLD}{config.id}", user_id)
    return config.compression_threshold if not _is_percent(own) else int(own)


async def compaction_thresholds(
    connection: AsyncConnection, user_id: UserId
) -> tuple[CompactionThreshold, ...]:
    """The thresholds a user set; what is out of range is left out."""
    found = await settings_under(connection, THRESHOLD, user_id)
    return tuple(
        CompactionThreshold(model_config_id=ModelConfigId(model), threshold_percent=own)
        for model, own in found.items()
        if _is_percent(own)
    )


async def model_override(connection: AsyncConnection, context: str) -> ModelOverride:
    """The model the deployment chose for some work."""
    chosen = await get_setting(connection, f"{MODEL_OVERRIDE}{context}")
    return ModelOverride(context=context, model_config_id=chosen or "")


async def personal_overrides_allowed(connection: AsyncConnection) -> bool:
    """Whether users may choose models of their own."""
    stored = await get_setting(connection, ALLOW_PERSONAL) or {}
    return bool(stored.get("allow_users"))


async def personal_override(
    connection: AsyncConnection, user_id: UserId, context: str
) -> PersonalOverride:
    """What a user chose for some work, or what counts as long as they did not."""
    stored = await get_setting(connection, f"{PERSONAL_OVERRIDE}{context}", user_id)
    if stored is None:
        default = "chat_default" if context == "root" else "deployment_default"
        return PersonalOverride(context=context, mode=default)
    return PersonalOverride(
        context=context,
        mode=stored["mode"],
        model_config_id=stored["model_config_id"],
        is_set=True,
    )


async def model_for(
    connection: AsyncConnection, user_id: UserId, context: str
) -> ModelConfigId | None:
    """The model for some work of a user's chats; None if nobody chose one.

    Args:
        connection: To the database.
        user_id: Whose chats.
        context: `root` (a new chat), `general` or `explore` (a child). A choice
            that cannot be used any more does not count.
    """
    if await personal_overrides_allowed(connection):
        own = await personal_override(connection, user_id, context)
        if own.mode == "chat_default":
            return None
        if own.mode == "model":
            usable = await is_usable(connection, own.model_config_id)
            return ModelConfigId(own.model_config_id) if usable else None
    return None if context == "root" else await chosen_model(connection, context)


async def chosen_model(
    connection: AsyncConnection, context: str
) -> ModelConfigId | None:
    """The model the deployment chose for some work, if it can be used."""
    chosen = (await model_override(connection, context)).model_config_id
    usable = bool(chosen) and await is_usable(connection, chosen)
    return ModelConfigId(chosen) if usable else None


async def days_of(connection: AsyncConnection, name: str) -> int:
    """After how many days something happens: one of `DEFAULT_DAYS`; 0 is never."""
    stored: dict[str, int] = await get_setting(connection, name) or {}
    return next(iter(stored.values()), DEFAULT_DAYS[name])


async def debug_logging_allowed(connection: AsyncConnection) -> bool:
    """Whether users may have their chats recorded in detail."""
    stored = await get_setting(connection, ALLOW_DEBUG) or {}
    return bool(stored.get("allow_users"))


async def debug_logging_wanted(connection: AsyncConnection, user_id: UserId) -> bool:
    """Whether a user, who may, has their chats recorded in detail."""
    allowed = await debug_logging_allowed(connection)
    return allowed and bool(await get_setting(connection, USER_DEBUG, user_id))


async def is_usable(connection: AsyncConnection, config_id: str) -> bool:
    """Whether a model exists and is enabled, and so is its provider."""
    config = await get_model_config(connection, config_id)
    return config is not None and config.enabled and config.provider_enabled


def _is_percent(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= _MAX_PERCENT
