"""Calls that do something with one chat."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.chats import Chat, ProposedTitle
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["ChatActions"]


class ChatActions:
    """What can be done with a chat, besides changing what it says of itself."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def interrupt(self, chat_id: ChatId) -> Chat:
        """Stop the running answer. What there is of it is kept as a message.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            ConflictError: Nothing runs (servers from v2.35; older ones accept it).
        """
        return await self._do(chat_id, "interrupt")

    async def compact(self, chat_id: ChatId) -> Chat:
        """Have a chat summed up now, so that its context is short again.

        Goes on in the background, without regard to the threshold.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            ConflictError: The chat is busy.
            UnsupportedError: The server is older than v2.36.
        """
        return await self._do(chat_id, "compact")

    async def clear(self, chat_id: ChatId) -> Chat:
        """Let the model forget what was said; the messages stay to be read.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            ConflictError: The chat is busy.
            UnsupportedError: The server is older than v2.37.
        """
        return await self._do(chat_id, "clear")

    async def reconcile_invalid(self, chat_id: ChatId) -> Chat:
        """Free a chat that is stuck: it ends in an error, and can be gone on with.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            ConflictError: The chat is not stuck.
            UnsupportedError: The server is older than v2.35.
        """
        return await self._do(chat_id, "reconcile-invalid")

    async def refresh_context(self, chat_id: ChatId) -> Chat:
        """Read the instructions and skills of the workspace again.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            UnsupportedError: The server is older than v2.35.
        """
        chat: Chat = await self._http.send(
            "PUT", routes.action(chat_id, "context"), returns=Chat
        )
        return chat

    async def regenerate_title(self, chat_id: ChatId) -> Chat:
        """Have a title made from the messages, and kept.

        It costs a call of a model, which counts as spent.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            ForbiddenError: The chat is shared with you, but not yours.
            ConflictError: A title is being made already, or the chat is about to run.
            UsageLimitError: The budget of this period is spent.
            UnsupportedError: The server is of v2.38 or later: propose a title, then
                update the chat with it.
        """
        return await self._do(chat_id, "title/regenerate")

    async def propose_title(self, chat_id: ChatId) -> str:
        """Have a title made from the messages, but not kept.

        It costs a call of a model, which counts as spent. Empty for a chat without
        messages.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            ForbiddenError: The chat is shared with you, but not yours.
            ConflictError: A title is being made already, or the chat is about to run.
            UsageLimitError: The budget of this period is spent.
            UnsupportedError: The server is older than v2.33.
        """
        made: ProposedTitle = await self._http.send(
            "POST", routes.action(chat_id, "title/propose"), returns=ProposedTitle
        )
        return made.title

    async def _do(self, chat_id: ChatId, name: str) -> Chat:
        chat: Chat = await self._http.send(
            "POST", routes.action(chat_id, name), returns=Chat
        )
        return chat
