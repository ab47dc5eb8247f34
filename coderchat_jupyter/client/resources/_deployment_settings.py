"""Calls on the settings of a deployment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client.resources._overrides import Overrides
from coderchat_jupyter.wire.routes import setting
from coderchat_jupyter.wire.settings import (
    AdvisorConfig,
    ComputerUseProvider,
    DebugLogging,
    DebugLoggingChange,
    DesktopEnabled,
    ModelOverride,
    OverrideContext,
    PersonalOverridesAllowed,
    PlanModeInstructions,
    SystemPrompt,
    SystemPromptChange,
    TemplateAllowlist,
)

__all__ = ["DeploymentSettings"]


class DeploymentSettings:
    """What holds for everybody. Changing is for admins, and so is some reading."""

    def __init__(self, http: Http, overrides: Overrides) -> None:
        self._http = http
        self._overrides = overrides

    async def _read(self, name: str, kind: type[Any]) -> Any:
        return await self._http.get(setting(name), returns=kind)

    async def _write(self, name: str, body: Any) -> None:
        await self._http.send("PUT", setting(name), body)

    async def system_prompt(self) -> SystemPrompt:
        """What every chat begins with.

        Raises:
            NotFoundError: You are no admin.
        """
        found: SystemPrompt = await self._read("system-prompt", SystemPrompt)
        return found

    async def set_system_prompt(
        self, text: str, *, include_default: bool | None = None
    ) -> None:
        """Say something else at the beginning of every chat.

        Args:
            text: At most 131,072 bytes; empty for nothing of one's own.
            include_default: The built-in text comes first; None leaves that.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The text is too long.
        """
        change = SystemPromptChange(
            system_prompt=text, include_default_system_prompt=include_default
        )
        await self._write("system-prompt", change)

    async def plan_mode_instructions(self) -> PlanModeInstructions:
        """What chats in plan mode are told besides.

        Raises:
            NotFoundError: You are no admin.
            UnsupportedError: The server is older than v2.33.
        """
        found: PlanModeInstructions = await self._read(
            "plan-mode-instructions", PlanModeInstructions
        )
        return found

    async def set_plan_mode_instructions(self, text: str) -> None:
        """Tell chats in plan mode something else.

        Args:
            text: At most 131,072 bytes; empty for nothing.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The text is too long.
            UnsupportedError: The server is older than v2.33.
        """
        change = PlanModeInstructions(plan_mode_instructions=text)
        await self._write("plan-mode-instructions", change)

    async def model_override(self, context: OverrideContext | str) -> ModelOverride:
        """Which model does a certain work, whatever the chat's model is.

        Args:
            context: `general`, `explore`; `title_generation` from v2.34 on, and
                `compaction` from v2.36 on.

        Raises:
            NotFoundError: It is not for you to see.
            InvalidRequestError: The server knows no such work.
            UnsupportedError: The server is older than v2.33.
        """
        return await self._overrides.read(context)

    async def set_model_override(
        self,
        context: OverrideContext | str,
        model_config_id: str | None,
        *,
        reasoning_effort: str | None = None,
    ) -> None:
        """Choose which model does a certain work.

        Args:
            context: As for `model_override`.
            model_config_id: An enabled model; None or empty for the chat's own.
            reasoning_effort: How hard it thinks (v2.36 and later).

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The server knows no such work, or the model cannot
                be used.
            UnsupportedError: The server is older than v2.33.
        """
        await self._overrides.write(context, model_config_id or "", reasoning_effort)

    async def personal_overrides_allowed(self) -> PersonalOverridesAllowed:
        """Whether users may choose models of their own.

        Raises:
            NotFoundError: It is not for you to see.
            UnsupportedError: The server is older than v2.34.
        """
        found: PersonalOverridesAllowed = await self._read(
            "personal-model-overrides", PersonalOverridesAllowed
        )
        return found

    async def set_personal_overrides_allowed(self, *, allowed: bool) -> None:
        """Let users choose models of their own, or not.

        Raises:
            ForbiddenError: You are no admin.
            UnsupportedError: The server is older than v2.34.
        """
        change = PersonalOverridesAllowed(allow_users=allowed)
        await self._write("personal-model-overrides", change)

    async def desktop_enabled(self) -> DesktopEnabled:
        """Whether agents may use the desktop of a workspace.

        Raises:
            UnsupportedError: The server is of v2.35 or later.
        """
        found: DesktopEnabled = await self._read("desktop-enabled", DesktopEnabled)
        return found

    async def set_desktop_enabled(self, *, enabled: bool) -> None:
        """Let agents use the desktop of a workspace, or not.

        Raises:
            ForbiddenError: You are no admin.
            UnsupportedError: The server is of v2.35 or later.
        """
        await self._write("desktop-enabled", DesktopEnabled(enable_desktop=enabled))

    async def computer_use_provider(self) -> ComputerUseProvider:
        """Whose models use a desktop.

        Raises:
            UnsupportedError: The server is older than v2.34, or (v2.36 and later) was
                started without the experiment for it.
        """
        found: ComputerUseProvider = await self._read(
            "computer-use-provider", ComputerUseProvider
        )
        return found

    async def set_computer_use_provider(self, provider: str) -> None:
        """Choose whose models use a desktop.

        Args:
            provider: `anthropic` or `openai`.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: It is another one.
            UnsupportedError: As for reading.
        """
        change = ComputerUseProvider(provider=provider)
        await self._write("computer-use-provider", change)

    async def advisor(self) -> AdvisorConfig:
        """The model that agents may ask for advice.

        Raises:
            UnsupportedError: The server is older than v2.34, or (v2.36 and later) was
                started without the experiment for it.
        """
        found: AdvisorConfig = await self._read("advisor", AdvisorConfig)
        return found

    async def set_advisor(self, config: AdvisorConfig) -> None:
        """Change the advisor. All of it is replaced: change a copy of what was read.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: A number is negative, or there is no such model.
            UnsupportedError: As for reading.
        """
        await self._write("advisor", config)

    async def debug_logging(self) -> DebugLogging:
        """Whether users may have their chats recorded in detail.

        Raises:
            NotFoundError: It is not for you to see.
            UnsupportedError: The server is older than v2.33.
        """
        found: DebugLogging = await self._read("debug-logging", DebugLogging)
        return found

    async def set_debug_logging(self, *, allow_users: bool) -> None:
        """Let users have their chats recorded in detail, or not.

        Raises:
            ForbiddenError: You are no admin.
            UnsupportedError: The server is older than v2.33.
        """
        await self._write("debug-logging", DebugLoggingChange(allow_users=allow_users))

    async def template_allowlist(self) -> TemplateAllowlist:
        """Which templates agents may make workspaces of; empty is all.

        Raises:
            NotFoundError: It is not for you to see.
            UnsupportedError: The server is of v2.37 or later.
        """
        found: TemplateAllowlist = await self._read(
            "template-allowlist", TemplateAllowlist
        )
        return found

    async def set_template_allowlist(self, template_ids: Iterable[str]) -> None:
        """Choose the templates that agents may make workspaces of.

        Args:
            template_ids: All of them; none to allow every one.

        Raises:
            NotFoundError: You are no admin.
            InvalidRequestError: There is no such template, or it is deprecated.
            UnsupportedError: The server is of v2.37 or later.
        """
        allowed = TemplateAllowlist(template_ids=tuple(template_ids))
        await self._write("template-allowlist", allowed)
