"""Calls on model configurations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client.resources._names import where_it_is
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.errors import ApiError, InvalidRequestError
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire.generations import Generation
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.keys import ChatProvider
from coderchat_jupyter.wire.models import (
    CreateModelConfig,
    ModelConfig,
    OrganizationModels,
    UpdateModelConfig,
)
from coderchat_jupyter.wire.providers import AIProvider

__all__ = ["ModelConfigs"]

T = TypeVar("T")


class ModelConfigs:
    """How models are set up. Reading is for everybody, changing for admins.

    From v2.37 on they belong to an organization; these calls are about the caller's
    default one then.
    """

    def __init__(self, http: Http, users: Users | None = None) -> None:
        self._http = http
        self._users = users or Users(http)

    async def list(self) -> tuple[ModelConfig, ...]:
        """All configurations for an admin, the enabled ones for others.

        Raises:
            AuthenticationError: The token is not accepted.
        """

        async def ask(path: str) -> tuple[ModelConfig, ...]:
            found: tuple[ModelConfig, ...] | OrganizationModels = await self._http.get(
                path, returns=Items[ModelConfig] | OrganizationModels
            )
            return found.models if isinstance(found, OrganizationModels) else found

        return await self._somewhere((), ask)

    async def create(self, body: CreateModelConfig) -> ModelConfig:
        """Set up a model. The first one becomes the default.

        The provider may be named by its id or by its type, whatever the release
        wants: the one is looked up by the other.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The server refused a field, or has no such provider.
            ConflictError: The model is set up already.
        """
        known = self._http.known_generation
        shaped = body if known is None else await self._shaped(body, known)
        try:
            return await self._create(shaped)
        except InvalidRequestError:
            if known is not None:
                raise
            # Its answer may have said what it is; nothing was made.
            again = await self._shaped(body, await self._http.generation())
            if again == body:
                raise
        return await self._create(again)

    async def update(
        self, model_config_id: ModelConfigId, body: UpdateModelConfig
    ) -> ModelConfig:
        """Change a configuration; what is empty in `body` stays.

        `call_config` replaces the whole stored object. To change one setting, take
        the object that was read and `model_copy(update=...)` it: what a newer server
        keeps there, and is unknown here, goes back as it came.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such configuration.
            InvalidRequestError: The server refused a field.
        """
        sent = _sent(body)

        async def ask(path: str) -> ModelConfig:
            changed: ModelConfig = await self._http.send(
                "PATCH", path, sent, returns=ModelConfig
            )
            return changed

        return await self._somewhere((model_config_id,), ask)

    async def delete(self, model_config_id: ModelConfigId) -> None:
        """Remove a configuration; chats that used it keep their messages.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such configuration.
        """

        async def ask(path: str) -> None:
            await self._http.send("DELETE", path)

        await self._somewhere((model_config_id,), ask)

    async def _somewhere(
        self, more: tuple[str, ...], ask: Callable[[str], Awaitable[T]]
    ) -> T:
        """Ask where the release has its model configurations."""
        return await where_it_is(
            self._http,
            self._users,
            lambda: ask("/".join((routes.MODEL_CONFIGS, *more))),
            lambda home: ask(routes.organization_models(home, *more)),
        )

    async def _create(self, body: CreateModelConfig) -> ModelConfig:
        sent = _sent(body)

        async def ask(path: str) -> ModelConfig:
            made: ModelConfig = await self._http.send(
                "POST", path, sent, returns=ModelConfig
            )
            return made

        return await self._somewhere((), ask)

    async def _shaped(
        self, body: CreateModelConfig, generation: Generation
    ) -> CreateModelConfig:
        """Name the provider as the release wants it named."""
        if generation.names_providers:
            if body.provider or not body.ai_provider_id:
                return body
            legacy = await self._known(routes.CHAT_PROVIDERS, ChatProvider)
            types = (p.provider for p in legacy if p.id == body.ai_provider_id)
            found = next(types, None)
            change: dict[str, Any] = {"provider": found, "ai_provider_id": None}
            return body if found is None else body.model_copy(update=change)
        if body.ai_provider_id or not body.provider:
            return body
        providers = await self._known(routes.AI_PROVIDERS, AIProvider)
        # By its own name first; then any of that type, an enabled one if there is.
        providers = sorted(
            (p for p in providers if body.provider in (p.name, p.type)),
            key=lambda p: (p.name != body.provider, not p.enabled),
        )
        if not providers:
            return body
        # A server that may be an older one takes the type, and ignores the id.
        kind = "" if generation.is_certain else providers[0].type
        change = {"provider": kind, "ai_provider_id": providers[0].id}
        return body.model_copy(update=change)

    async def _known(self, path: str, kind: type[Any]) -> Any:
        """The providers of the server; none if they are not for the caller to see."""
        try:
            return await self._http.get(path, returns=Items[kind])  # type: ignore[valid-type]
        except ApiError:
            return ()


def _sent(body: CreateModelConfig | UpdateModelConfig) -> dict[str, Any]:
    """The body as JSON; settings that were read go back as they were read."""
    sent: dict[str, Any] = encode(body)
    if body.call_config is not None:
        sent["model_config"] = encode(body.call_config, only_set=True)
    return sent
