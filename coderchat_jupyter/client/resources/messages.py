"""Calls on the messages of a chat."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import (
    BusyBehavior,
    MessagesPage,
    SendMessage,
    SentMessage,
    TextInput,
)

__all__ = ["Messages"]


class Messages:
    """The messages of a chat: read them, send one."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(
        self,
        chat_id: ChatId,
        *,
        before_id: int | None = None,
        after_id: int | None = None,
        limit: int | None = None,
    ) -> MessagesPage:
        """One page of stored messages, newest first, with the queue.

        Args:
            chat_id: The chat.
            before_id: Only older ones. The page then has no queue.
            after_id: Only newer ones, in ascending order if alone. No queue either.
            limit: Up to 200; the server takes 50 if None.
        """
        asked = {"before_id": before_id, "after_id": after_id, "limit": limit}
        params = {name: value for name, value in asked.items() if value}
        page: MessagesPage = await self._http.get(
            routes.messages(chat_id), params=params, returns=MessagesPage
        )
        return page

    async def send(
        self,
        chat_id: ChatId,
        text: str,
        *,
        model_config_id: ModelConfigId | None = None,
        when_busy: BusyBehavior = "queue",
    ) -> SentMessage:
        """Add a user message.

        A busy chat does not refuse it: the message waits its turn, or stops the
        current one, as `when_busy` says. If the connection breaks while it is sent,
        nobody can tell whether it arrived; look before sending it again.

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
            InvalidRequestError: The text is empty or too long, or there is no such
                model. Nothing was sent.
            BusyError: The queue is full.
            UsageLimitError: The budget of this period is spent.
        """
        body = SendMessage(
            content=(TextInput(text=text),),
            model_config_id=model_config_id,
            busy_behavior=when_busy,
        )
        path = routes.messages(chat_id)
        sent: SentMessage = await self._http.send(
            "POST", path, body, returns=SentMessage
        )
        return sent
