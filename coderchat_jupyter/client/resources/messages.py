"""Calls on the messages of a chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client._pages import Pages, message_pages
from coderchat_jupyter.errors import ApiError, UnsupportedError
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.chats import ChatWithMessages
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import (
    BusyBehavior,
    Content,
    EditedMessage,
    EditMessage,
    Message,
    MessagesPage,
    Prompt,
    Prompts,
    SendMessage,
    SentMessage,
    input_parts,
)

__all__ = ["Messages"]

_DEFAULT_LIMIT: Final = 50
_MOST: Final = 200


class Messages:
    """The messages of a chat: read them, send one, say one again."""

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
                A server of v2.32 cannot do that, so the newer pages are read here;
                one before it has no pages at all.
            limit: Up to 200; the server takes 50 if None.

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
            InvalidRequestError: The limit or the range is none.
        """
        # Nothing else tells an answer to `after_id` from one that passed over it.
        known = await self._http.generation() if after_id else None
        if self._is_early():
            return await self._of_chat(chat_id)
        if known is not None and known.ignores_after_id and after_id:
            return await self._after(chat_id, before_id, after_id, limit)
        asked = {"before_id": before_id, "after_id": after_id, "limit": limit}
        params = {name: value for name, value in asked.items() if value}
        try:
            page: MessagesPage = await self._http.get(
                routes.messages(chat_id), params=params, returns=MessagesPage
            )
        except ApiError:
            # The answer says at the latest what the server is.
            if not self._is_early():
                raise
            page = await self._of_chat(chat_id)
        return page

    def iterate(
        self,
        chat_id: ChatId,
        *,
        before_id: int | None = None,
        after_id: int | None = None,
        page_size: int = _DEFAULT_LIMIT,
    ) -> Pages[Message]:
        """All stored messages, page by page as they are needed.

        Args:
            chat_id: The chat.
            before_id: Only older ones.
            after_id: Only newer ones; alone, in ascending order, and with those that
                are stored meanwhile. Otherwise the newest come first.
            page_size: How many to ask for at a time, up to 200.

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
        """

        async def fetch(
            before: int | None, after: int | None, limit: int
        ) -> MessagesPage:
            return await self.list(
                chat_id, before_id=before, after_id=after, limit=limit
            )

        return message_pages(
            fetch, before_id=before_id, after_id=after_id, page_size=page_size
        )

    async def prompts(
        self, chat_id: ChatId, *, limit: int | None = None
    ) -> tuple[Prompt, ...]:
        """The texts that users sent, newest first, without files.

        Args:
            chat_id: The chat.
            limit: Up to 2000; the server takes 500 if None.

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
            UnsupportedError: The server is older than v2.34.
        """
        params = {"limit": limit} if limit else {}
        found: Prompts = await self._http.get(
            routes.prompts(chat_id), params=params, returns=Prompts
        )
        return found.prompts

    async def send(
        self,
        chat_id: ChatId,
        content: Content,
        *,
        model_config_id: ModelConfigId | None = None,
        when_busy: BusyBehavior = "queue",
        plan_mode: str | None = None,
        mcp_server_ids: Sequence[str] | None = None,
        reasoning_effort: str | None = None,
    ) -> SentMessage:
        """Add a user message.

        A busy chat does not refuse it: the message waits its turn, or stops the
        current one, as `when_busy` says. If the connection breaks while it is sent,
        nobody can tell whether it arrived; look before sending it again.

        Args:
            chat_id: The chat.
            content: A text, or texts, files and lines of files in order.
            model_config_id: Who answers from now on; the chat's last model if None.
            when_busy: `queue` waits for the running turn, `interrupt` stops it.
            plan_mode: `plan` begins plan mode and the empty text ends it, for all
                turns from now on; None leaves it.
            mcp_server_ids: The tool servers of the chat from now on; none of them if
                empty, those it has if None.
            reasoning_effort: How hard the model thinks (v2.36 and later; older
                servers do not read it).

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
            ForbiddenError: The chat is shared with you, but not yours.
            InvalidRequestError: The text is empty or too long, or there is no such
                model or file, or the chat is archived. Nothing was sent.
            BusyError: The queue is full (20 messages).
            UsageLimitError: The budget of this period is spent.
        """
        body = SendMessage(
            content=input_parts(content),
            model_config_id=model_config_id,
            busy_behavior=when_busy,
            plan_mode=plan_mode,
            mcp_server_ids=None if mcp_server_ids is None else tuple(mcp_server_ids),
            reasoning_effort=reasoning_effort,
        )
        path = routes.messages(chat_id)
        sent: SentMessage = await self._http.send(
            "POST", path, body, returns=SentMessage
        )
        return sent

    async def edit(
        self,
        chat_id: ChatId,
        message_id: int,
        content: Content,
        *,
        model_config_id: ModelConfigId | None = None,
        reasoning_effort: str | None = None,
    ) -> EditedMessage:
        """Say a user message again, in other words, and let the agent answer anew.

        That message and all after it are taken away, the queue is emptied, and the
        new one has a new id. What runs is stopped, and its partial answer discarded.

        Args:
            chat_id: The chat.
            message_id: A message of role `user`.
            content: A text, or texts, files and lines of files in order.
            model_config_id: Who answers (v2.34 and later); the model of the edited
                message if None.
            reasoning_effort: How hard the model thinks (v2.36 and later).

        Raises:
            NotFoundError: No such chat or message.
            ForbiddenError: The chat is shared with you, but not yours.
            InvalidRequestError: It is no user message, the content is none, or the
                chat is archived. Nothing was changed.
            ConflictError: The chat is in no state for it (v2.35 and later).
            UsageLimitError: The budget of this period is spent.
            UnsupportedError: A model was named, to a server older than v2.34.
        """
        path = routes.message(chat_id, message_id)
        if model_config_id is not None:
            generation = await self._http.generation()
            if generation.edits_keep_the_model:
                raise UnsupportedError(
                    f"A server of {generation.name} answers an edited message with "
                    "the model that it had. Leave `model_config_id` out.",
                    status=400,
                    call=f"PATCH {path}",
                    server_version=generation.version,
                )
        body = EditMessage(
            content=input_parts(content),
            model_config_id=model_config_id,
            reasoning_effort=reasoning_effort,
        )
        edited: EditedMessage | Message = await self._http.send(
            "PATCH", path, body, returns=EditedMessage | Message
        )
        if isinstance(edited, Message):  # before March 2026
            return EditedMessage(message=edited)
        return edited

    def _is_early(self) -> bool:
        """Whether the server is known for one whose messages come with the chat."""
        known = self._http.known_generation
        return known is not None and known.chats_hold_messages

    async def _of_chat(self, chat_id: ChatId) -> MessagesPage:
        """All messages at once, from a server that has them with the chat."""
        whole: ChatWithMessages = await self._http.get(
            routes.chat(chat_id), returns=ChatWithMessages
        )
        newest_first = sorted(whole.messages, key=lambda one: one.id, reverse=True)
        return MessagesPage(
            messages=tuple(newest_first), queued_messages=whole.queued_messages
        )

    async def _after(
        self, chat_id: ChatId, before_id: int | None, after_id: int, limit: int | None
    ) -> MessagesPage:
        """What `after_id` means, from a server that does not know it."""
        wanted = limit or _DEFAULT_LIMIT
        found: list[Any] = []
        before, has_more = before_id, True
        while has_more:
            page = await self.list(chat_id, before_id=before, limit=_MOST)
            found += [message for message in page.messages if message.id > after_id]
            oldest = page.messages[-1].id if page.messages else after_id
            # A server that knows no cursor sends the same page for ever.
            is_ahead = before is None or oldest < before
            has_more = page.has_more and is_ahead and oldest > after_id
            before = oldest
        if before_id is None:
            found.reverse()
        return MessagesPage(
            messages=tuple(found[:wanted]), has_more=len(found) > wanted
        )
