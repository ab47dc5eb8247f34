"""Calls on AI providers."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire.ids import ProviderId
from coderchat_jupyter.wire.providers import (
    AIProvider,
    CreateAIProvider,
    UpdateAIProvider,
)

__all__ = ["Providers"]


class Providers:
    """Who runs the models. For admins, on servers from v2.34.

    Older servers have `client.chat_providers`.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(self) -> tuple[AIProvider, ...]:
        """All providers by name, disabled ones included. Keys are masked.

        Raises:
            ForbiddenError: You are no admin.
            UnsupportedError: The server is older than v2.34.
        """
        found: tuple[AIProvider, ...] = await self._http.get(
            routes.AI_PROVIDERS, returns=Items[AIProvider]
        )
        return found

    async def get(self, id_or_name: ProviderId | str) -> AIProvider:
        """One provider. Its keys are masked.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such provider.
            UnsupportedError: The server is older than v2.34.
        """
        found: AIProvider = await self._http.get(
            routes.ai_provider(id_or_name), returns=AIProvider
        )
        return found

    async def create(self, body: CreateAIProvider) -> AIProvider:
        """Add a provider.

        Raises:
            ForbiddenError: You are no admin.
            ConflictError: The name is taken.
            InvalidRequestError: The server refused a field; see `validations`.
            UnsupportedError: The server is older than v2.34.
        """
        made: AIProvider = await self._http.send(
            "POST", routes.AI_PROVIDERS, body, returns=AIProvider
        )
        return made

    async def update(
        self, id_or_name: ProviderId | str, body: UpdateAIProvider
    ) -> AIProvider:
        """Change a provider; what is None in `body` stays.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such provider.
            InvalidRequestError: The server refused a field; see `validations`.
        """
        path = routes.ai_provider(id_or_name)
        changed: AIProvider = await self._http.send(
            "PATCH", path, body, returns=AIProvider
        )
        return changed

    async def delete(self, id_or_name: ProviderId | str) -> None:
        """Remove a provider; its name is free again.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such provider.
        """
        await self._http.send("DELETE", routes.ai_provider(id_or_name))
