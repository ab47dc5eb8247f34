"""Calls on the settings of the user who asks."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client.resources._overrides import Overrides
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.routes import setting
from coderchat_jupyter.wire.settings import (
    CompactionThreshold,
    CompactionThresholdChange,
    CompactionThresholds,
    CustomPrompt,
    PersonalContext,
    PersonalMode,
    PersonalOverrideChange,
    PersonalOverrides,
    UserDebugLogging,
    UserDebugLoggingChange,
)

__all__ = ["UserSettings"]


class UserSettings:
    """What holds for the chats of the caller alone."""

    def __init__(self, http: Http, overrides: Overrides) -> None:
        self._http = http
        self._overrides = overrides

    async def personal_overrides(self) -> PersonalOverrides:
        """Which models the caller chose for which work.

        Raises:
            UnsupportedError: The server is older than v2.34.
        """
        return await self._overrides.read_personal()

    async def set_personal_override(
        self,
        context: PersonalContext | str,
        mode: PersonalMode | str,
        model_config_id: str = "",
        *,
        reasoning_effort: str | None = None,
    ) -> None:
        """Choose a model for one kind of work.

        Args:
            context: `root` (chats themselves), `general` or `explore` (what agents
                hand on).
            mode: `deployment_default` (not for `root`), `chat_default`, or `model`.
            model_config_id: The model if `mode` is `model`, otherwise empty.
            reasoning_effort: How hard it thinks (v2.36 and later).

        Raises:
            ForbiddenError: The deployment does not let users choose.
            InvalidRequestError: Context, mode and model do not go together, or the
                model cannot be used.
            UnsupportedError: The server is older than v2.34.
        """
        body = PersonalOverrideChange(
            mode=mode,
            model_config_id=model_config_id,
            reasoning_effort=reasoning_effort,
        )
        await self._overrides.write_personal(context, body)

    async def custom_prompt(self) -> CustomPrompt:
        """What every chat of the caller is told.

        Raises:
            AuthenticationError: The token is not accepted.
        """
        found: CustomPrompt = await self._http.get(
            setting("user-prompt"), returns=CustomPrompt
        )
        return found

    async def set_custom_prompt(self, text: str) -> CustomPrompt:
        """Tell every chat of the caller something else; gives what was stored.

        Args:
            text: At most 131,072 bytes; empty for nothing.

        Raises:
            InvalidRequestError: The text is too long.
        """
        stored: CustomPrompt = await self._http.send(
            "PUT",
            setting("user-prompt"),
            CustomPrompt(custom_prompt=text),
            returns=CustomPrompt,
        )
        return stored

    async def compaction_thresholds(self) -> CompactionThresholds:
        """When the chats of the caller are summed up, for each model with a choice.

        Raises:
            AuthenticationError: The token is not accepted.
        """
        found: CompactionThresholds = await self._http.get(
            setting("user-compaction-thresholds"), returns=CompactionThresholds
        )
        return found

    async def set_compaction_threshold(
        self, model_config_id: ModelConfigId, percent: int
    ) -> CompactionThreshold:
        """Choose when chats with a model are summed up.

        Args:
            model_config_id: An enabled model.
            percent: Of the model's context, 0 to 100.

        Raises:
            NotFoundError: No such model.
            InvalidRequestError: The number is out of range, or the model is disabled.
        """
        stored: CompactionThreshold = await self._http.send(
            "PUT",
            setting("user-compaction-thresholds", model_config_id),
            CompactionThresholdChange(threshold_percent=percent),
            returns=CompactionThreshold,
        )
        return stored

    async def delete_compaction_threshold(self, model_config_id: ModelConfigId) -> None:
        """Leave it to the model's configuration again. Fine if nothing was chosen.

        Raises:
            InvalidRequestError: It is no id of a model.
        """
        path = setting("user-compaction-thresholds", model_config_id)
        await self._http.send("DELETE", path)

    async def user_debug_logging(self) -> UserDebugLogging:
        """Whether the chats of the caller are recorded in detail.

        Raises:
            UnsupportedError: The server is older than v2.33.
        """
        found: UserDebugLogging = await self._http.get(
            setting("user-debug-logging"), returns=UserDebugLogging
        )
        return found

    async def set_user_debug_logging(self, *, enabled: bool) -> None:
        """Have the chats of the caller recorded in detail, or not.

        Raises:
            ForbiddenError: The deployment does not let users choose.
            ConflictError: The deployment records everybody's.
            UnsupportedError: The server is older than v2.33.
        """
        body = UserDebugLoggingChange(debug_logging_enabled=enabled)
        await self._http.send("PUT", setting("user-debug-logging"), body)
