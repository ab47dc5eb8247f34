"""The addresses of all settings."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from coderchat_jupyter.server.routes import (
    config_debug,
    config_models,
    config_prompts,
)
from coderchat_jupyter.server.routes.config_plain import plain_routes

__all__ = ["config_routes"]


def config_routes(chats: str) -> list[Route]:
    """The settings, below the address of the chats."""
    root = f"{chats}/config"
    override = f"{root}/model-override/{{context}}"
    personal = f"{root}/user-personal-model-overrides"
    thresholds = f"{root}/user-compaction-thresholds"
    return [
        *plain_routes(root),
        *_pair(
            f"{root}/system-prompt",
            config_prompts.system_prompt,
            config_prompts.set_system_prompt,
        ),
        *_pair(
            f"{root}/plan-mode-instructions",
            config_prompts.plan_instructions,
            config_prompts.set_plan_instructions,
        ),
        *_pair(
            f"{root}/user-prompt",
            config_prompts.user_prompt,
            config_prompts.set_user_prompt,
        ),
        *_pair(override, config_models.override, config_models.set_override),
        Route(personal, config_models.personal_overrides),
        Route(
            f"{personal}/{{context}}",
            config_models.set_personal_override,
            methods=["PUT"],
        ),
        Route(thresholds, config_models.thresholds),
        Route(f"{thresholds}/{{config}}", config_models.set_threshold, methods=["PUT"]),
        Route(
            f"{thresholds}/{{config}}",
            config_models.drop_threshold,
            methods=["DELETE"],
        ),
        *_pair(
            f"{root}/debug-logging",
            config_debug.debug_logging,
            config_debug.set_debug_logging,
        ),
        *_pair(
            f"{root}/user-debug-logging",
            config_debug.user_debug_logging,
            config_debug.set_user_debug_logging,
        ),
    ]


def _pair(path: str, read: Any, write: Any) -> list[Route]:
    return [Route(path, read), Route(path, write, methods=["PUT"])]
