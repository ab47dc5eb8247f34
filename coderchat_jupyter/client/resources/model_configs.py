"""Calls on model configurations."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.models import (
    CreateModelConfig,
    ModelConfig,
    UpdateModelConfig,
)

__all__ = ["ModelConfigs"]


class ModelConfigs:
    """How models are set up. Reading is for everybody, changing for admins."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(self) -> tuple[ModelConfig, ...]:
        """All configurations for an admin, the enabled ones for others."""
        found: tuple[ModelConfig, ...] = await self._http.get(
            routes.MODEL_CONFIGS, returns=tuple[ModelConfig, ...]
        )
        return found

    async def create(self, body: CreateModelConfig) -> ModelConfig:
        """Set up a model. The first one becomes the default.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The server refused a field, or has no such provider.
        """
        made: ModelConfig = await self._http.send(
            "POST", routes.MODEL_CONFIGS, body, returns=ModelConfig
        )
        return made

    async def update(
        self, model_config_id: ModelConfigId, body: UpdateModelConfig
    ) -> ModelConfig:
        """Change a configuration; what is empty in `body` stays.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The server refused a field.
        """
        path = routes.model_config(model_config_id)
        sent = encode(body)
        if body.call_config is not None:
            # It replaces the whole: what was read before goes back as it was read.
            sent["model_config"] = encode(body.call_config, only_set=True)
        changed: ModelConfig = await self._http.send(
            "PATCH", path, sent, returns=ModelConfig
        )
        return changed

    async def delete(self, model_config_id: ModelConfigId) -> None:
        """Remove a configuration; chats that used it keep their messages.

        Raises:
            ForbiddenError: You are no admin.
        """
        await self._http.send("DELETE", routes.model_config(model_config_id))
