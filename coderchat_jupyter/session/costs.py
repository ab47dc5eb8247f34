"""Reads what chats cost: messages, prices, and the sum the server itself made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from coderchat_jupyter import config
from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ApiError, NotFoundError, UnsupportedError
from coderchat_jupyter.session._known import known_chat_ids
from coderchat_jupyter.state.pricing import PricedRequest, priced_requests
from coderchat_jupyter.wire.chats import SETTLED_STATUSES, Chat
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message

__all__ = ["CostReader", "Ledger", "Scope"]

PAGE: Final = 200
"""The most messages that the server puts on a page."""

CHATS_PAGE: Final = 50

CALLS: Final = 4
"""Chats read at a time: a notebook's costs must not crowd out its answers."""

_SKEW: Final = timedelta(days=1)
"""How far the server's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose costs: these chats, or (None) those of this kernel and its notebook."""

    chat_ids: tuple[ChatId, ...] | None

    @classmethod
    def of(cls, chats: Iterable[Any] | None) -> Scope:
        """Read a scope from ids, or from anything that has a `chat_id`.

        Raises:
            TypeError: Something is neither.
        """
        if chats is None:
            return cls(None)
        if isinstance(chats, str):
            raise TypeError("Give a list of chats, even if it is one.")
        ids = [c if isinstance(c, str) else getattr(c, "chat_id", None) for c in chats]
        if not all(isinstance(chat_id, str) for chat_id in ids):
            raise TypeError("A chat is given by its id, or by what has a chat_id.")
        return cls(tuple(ChatId(chat_id) for chat_id in ids if chat_id))


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was found.

    Attributes:
        requests: Every priced or unpriced answer, oldest first.
        chats: How many chats were read.
        server_micros: What the server counted for these chats; None where it does not
            say. It knows answers that an edit removed, and prices of their time.
    """

    requests: tuple[PricedRequest, ...]
    chats: int
    server_micros: int | None


class CostReader:
    """Reads the costs of a set of chats, again and again; unchanged chats only once."""

    def __init__(self, client: Client, *, page: int = PAGE) -> None:
        self.client = client
        self._page = page
        self._read: dict[ChatId, tuple[datetime, tuple[Message, ...]]] = {}

    async def read(self, scope: Scope, *, now: datetime) -> Ledger:
        """Read the chats of the scope, those of their sub-agents too.

        A chat that is gone is left out.

        Raises:
            ApiError: The server refused.
            ConnectionLostError: There was no answer.
        """
        if scope.chat_ids is None:
            notebook = config.load().notebook
            labels = {"notebook-id": notebook.notebook_id} if notebook else {}
            roots = await self._roots(known_chat_ids(self.client), labels)
        else:
            roots = await self._roots(scope.chat_ids, {})
        configs = {c.id: c for c in await self.client.model_configs.list()}
        limit = asyncio.Semaphore(CALLS)
        family = [(root, chat) for root in roots for chat in (root, *root.children)]
        reads: list[asyncio.Task[tuple[Message, ...]]] = []
        try:
            async with asyncio.TaskGroup() as group:
                for _, chat in family:
                    reads.append(group.create_task(self._messages(chat, limit)))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        requests = [
            request
            for (root, _), read in zip(family, reads, strict=True)
            for request in priced_requests(root, read.result(), configs)
        ]
        requests.sort(key=lambda r: (r.created_at, r.message_id))
        server = await self._server_micros(roots, requests, now) if requests else None
        return Ledger(tuple(requests), len(roots), server)

    async def _roots(
        self, chat_ids: Iterable[ChatId], labels: Mapping[str, str]
    ) -> list[Chat]:
        found: dict[ChatId, Chat] = {}
        if labels:
            for query in ("archived:false", "archived:true"):
                async for chat in self._labelled(query, labels):
                    found[chat.id] = chat
        known = {child.id for chat in found.values() for child in chat.children}
        for chat_id in chat_ids:
            if chat_id in found or chat_id in known:
                continue
            try:
                found[chat_id] = await self.client.chats.get(chat_id)
            except NotFoundError:
                continue
        return list(found.values())

    async def _labelled(
        self, query: str, labels: Mapping[str, str]
    ) -> AsyncIterator[Chat]:
        after: ChatId | None = None
        while True:
            page = await self.client.chats.list(
                query=query, labels=labels, limit=CHATS_PAGE, after_id=after
            )
            for chat in page:
                yield chat
            if len(page) < CHATS_PAGE:
                return
            after = page[-1].id

    async def _messages(
        self, chat: Chat, limit: asyncio.Semaphore
    ) -> tuple[Message, ...]:
        before = self._read.get(chat.id)
        if before is not None and before[0] == chat.updated_at:
            return before[1]
        found: list[Message] = []
        async with limit:
            while True:
                page = await self.client.messages.list(
                    chat.id, before_id=found[-1].id if found else None, limit=self._page
                )
                found += page.messages
                if not page.has_more or not page.messages:
                    break
        messages = tuple(reversed(found))
        if chat.status in SETTLED_STATUSES:
            # Every turn changes the status and so the time; a running one may add
            # messages without.
            self._read[chat.id] = (chat.updated_at, messages)
        return messages

    async def _server_micros(
        self, roots: list[Chat], requests: list[PricedRequest], now: datetime
    ) -> int | None:
        try:
            summary = await self.client.costs.summary(
                start=requests[0].created_at - _SKEW, end=now + _SKEW
            )
        except UnsupportedError:
            # Newer servers count each chat, and everything below it.
            return await self._micros_by_chat(roots)
        except ApiError:
            # Some users may not ask.
            return None
        ids = {chat.id for chat in roots}
        return sum(
            c.total_cost_micros for c in summary.by_chat if c.root_chat_id in ids
        )

    async def _micros_by_chat(self, roots: list[Chat]) -> int | None:
        try:
            totals = [await self.client.costs.chat(root.id) for root in roots]
        except ApiError:
            return None
        return sum(total.total_cost_micros for total in totals)
