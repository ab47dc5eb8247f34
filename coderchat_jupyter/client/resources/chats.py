"""Calls on chats: make, find, change, stop, follow."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client._stream import (
    Batches,
    GitWatch,
    Happenings,
    Streams,
)
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.chats import Chat, ClientType, CreateChat, UpdateChat
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId, OrganizationId
from coderchat_jupyter.wire.messages import TextInput

__all__ = ["Chats"]


class Chats:
    """The chats of the caller."""

    def __init__(self, http: Http, streams: Streams, users: Users) -> None:
        self._http = http
        self._streams = streams
        self._users = users

    async def create(
        self,
        text: str,
        *,
        model_config_id: ModelConfigId | None = None,
        labels: Mapping[str, str] | None = None,
        system_prompt: str = "",
        organization_id: OrganizationId | None = None,
        client_type: ClientType | None = None,
    ) -> Chat:
        """Make a chat with a first message; the agent begins to answer at once.

        Args:
            text: The first message.
            model_config_id: Who answers; the deployment's default if None.
            labels: What the chat can be found by again.
            system_prompt: Said to the model before everything else.
            organization_id: Where the chat belongs; the caller's default if None.
            client_type: Told to the deployment, for its statistics.

        Raises:
            InvalidRequestError: The text is empty or too long, or there is no such
                model. Nothing was made.
            UsageLimitError: The budget of this period is spent.
        """
        home = organization_id or await self._users.default_organization_id()
        body = CreateChat(
            organization_id=home,
            content=(TextInput(text=text),),
            model_config_id=model_config_id,
            labels=dict(labels or {}),
            system_prompt=system_prompt,
            client_type=client_type,
        )
        made: Chat = await self._http.send("POST", routes.CHATS, body, returns=Chat)
        return made

    async def get(self, chat_id: ChatId) -> Chat:
        """One chat, without its messages.

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
        """
        chat: Chat = await self._http.get(routes.chat(chat_id), returns=Chat)
        return chat

    async def list(
        self,
        *,
        query: str = "",
        labels: Mapping[str, str] | None = None,
        limit: int | None = None,
        offset: int | None = None,
        after_id: ChatId | None = None,
    ) -> tuple[Chat, ...]:
        """One page of the caller's chats: pinned ones first, then the newest.

        Args:
            query: Terms such as `archived:true title:report`.
            labels: All of them must match.
            limit: The server takes 50 if None.
            offset: How many to skip.
            after_id: Go on after this chat.
        """
        asked: dict[str, Any] = {
            "q": query or None,
            "label": [f"{name}:{value}" for name, value in (labels or {}).items()],
            "limit": limit,
            "offset": offset,
            "after_id": after_id,
        }
        params = {name: value for name, value in asked.items() if value}
        found: tuple[Chat, ...] = await self._http.get(
            routes.CHATS, params=params, returns=tuple[Chat, ...]
        )
        return found

    async def update(self, chat_id: ChatId, changes: UpdateChat) -> None:
        """Change what is set in `changes`.

        Raises:
            ConflictError: The title is being made by the server just now.
        """
        await self._http.send("PATCH", routes.chat(chat_id), changes)

    async def interrupt(self, chat_id: ChatId) -> Chat:
        """Stop the running answer. What there is of it is kept as a message.

        Raises:
            ConflictError: Nothing runs (servers from v2.35; older ones accept it).
        """
        path = routes.interrupt(chat_id)
        chat: Chat = await self._http.send("POST", path, returns=Chat)
        return chat

    def stream(
        self, chat_id: ChatId, after_id: int = 0
    ) -> AbstractAsyncContextManager[Batches]:
        """Follow a chat over one connection.

        An async context manager that gives an async iterator of batches of events.
        The iterator ends when the server ends the connection properly; it does not
        connect again (a `ChatSession` does).

        Args:
            chat_id: The chat.
            after_id: Messages up to this id are not sent again; parts are.

        Raises:
            ConnectionLostError: No connection, or it broke off.
            NotFoundError: No such chat, or it is not shared with you.
        """
        return self._streams.open(chat_id, after_id)

    def watch(self) -> AbstractAsyncContextManager[Happenings]:
        """Follow what becomes of all chats of the caller over one connection.

        An async context manager that gives an async iterator of events: made,
        archived, another status, another title, waiting for tools. Only what happens
        from now on is told: fetch the list after connecting. The iterator ends when
        the server ends the connection properly; it does not connect again.

        Raises:
            ConnectionLostError: No connection, or it broke off.
        """
        return self._streams.watch()

    def stream_git(self, chat_id: ChatId) -> AbstractAsyncContextManager[GitWatch]:
        """Follow what is changed in the repositories of a chat's workspace.

        An async context manager that gives an async iterator of messages, with a
        method `refresh` that asks for another look.

        Raises:
            InvalidRequestError: The chat has no workspace that could be looked at:
                `wire.git.means_no_diff` tells by its message.
            ForbiddenError: The workspace is not open to the caller.
            ConnectionLostError: No connection, or it broke off.
        """
        return self._streams.git(chat_id)
