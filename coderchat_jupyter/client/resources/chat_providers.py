"""Calls on the providers of servers before v2.34."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire.ids import ProviderId
from coderchat_jupyter.wire.keys import (
    ChatProvider,
    CreateChatProvider,
    UpdateChatProvider,
)

__all__ = ["ChatProviders"]


class ChatProviders:
    """Who runs the models, on servers before v2.34. For admins.

    Newer servers have `client.providers`; there each of these calls raises
    `UnsupportedError`.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(self) -> tuple[ChatProvider, ...]:
        """One entry for each type that could be set up, in the server's order.

        Raises:
            ForbiddenError: You are no admin.
            UnsupportedError: The server is of v2.34 or later.
        """
        found: tuple[ChatProvider, ...] = await self._http.get(
            routes.CHAT_PROVIDERS, returns=Items[ChatProvider]
        )
        return found

    async def create(self, body: CreateChatProvider) -> ChatProvider:
        """Set a provider up. There is one of each type.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The server refused a field, or neither the
                deployment nor the users would have a key.
            ConflictError: It is set up already.
            UnsupportedError: The server is of v2.34 or later.
        """
        made: ChatProvider = await self._http.send(
            "POST", routes.CHAT_PROVIDERS, body, returns=ChatProvider
        )
        return made

    async def update(
        self, provider_id: ProviderId, body: UpdateChatProvider
    ) -> ChatProvider:
        """Change a provider; what is None stays, and an empty key is taken away.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such provider.
            InvalidRequestError: The server refused a field.
            UnsupportedError: The server is of v2.34 or later.
        """
        changed: ChatProvider = await self._http.send(
            "PATCH", routes.chat_provider(provider_id), body, returns=ChatProvider
        )
        return changed

    async def delete(self, provider_id: ProviderId) -> None:
        """Remove a provider, and the models that it runs.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such provider.
            UnsupportedError: The server is of v2.34 or later.
        """
        await self._http.send("DELETE", routes.chat_provider(provider_id))
