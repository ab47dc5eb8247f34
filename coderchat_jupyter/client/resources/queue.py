"""Calls on the queue of a chat."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Queue"]


class Queue:
    """Messages that wait for the running turn to end.

    What waits is in `queued_messages` of `client.messages.list`.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def delete(self, chat_id: ChatId, queued_id: int) -> None:
        """Take a message out of the queue. Fine if it is gone already on v2.34.

        Args:
            chat_id: The chat.
            queued_id: The id of the queued message, which is no message id.

        Raises:
            NotFoundError: No such chat, or it is gone already (servers from v2.35).
            ConflictError: The queue is empty (servers from v2.35).
        """
        await self._http.send("DELETE", routes.queued(chat_id, queued_id))

    async def promote(self, chat_id: ChatId, queued_id: int) -> None:
        """Stop the running turn and let this message be the next.

        Args:
            chat_id: The chat.
            queued_id: The id of the queued message; the message gets another one.

        Raises:
            NotFoundError: No such chat, or it is gone already (servers from v2.35).
            ForbiddenError: The chat is shared with you, but not yours.
            InvalidRequestError: The chat is archived.
            ConflictError: The queue is empty (servers from v2.35).
            ApiError: It is gone already (500 on v2.34).
        """
        await self._http.send("POST", routes.promote(chat_id, queued_id))
