"""Calls on what chats cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client._pages import FetchOffset, Pages, offset_pages
from coderchat_jupyter.client.resources._period import period
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.cost import ChatTotal, CostByUser, CostSummary, UserCost
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Costs"]


class Costs:
    """What chats cost. Amounts are micros: millionths of a US dollar."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def summary(
        self,
        user: str = "me",
        *,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> CostSummary:
        """Totals of one user's chats in `[start, end)`, by model and by chat.

        Args:
            user: An id, a name, or `me`.
            start: The server takes 30 days ago if None.
            end: The server takes now if None.

        Raises:
            NotFoundError: No such user, or not for you to see.
            UnsupportedError: The server counts costs elsewhere (after v2.36).
        """
        found: CostSummary = await self._http.get(
            routes.cost_summary(user), params=period(start, end), returns=CostSummary
        )
        return found

    async def users(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        username: str = "",
        limit: int | None = None,
        offset: int | None = None,
    ) -> CostByUser:
        """One page of users with what their chats cost in `[start, end)`.

        The dearest come first. `iterate_users` reads all pages.

        Args:
            start: The server takes 30 days ago if None.
            end: The server takes now if None.
            username: Only users with this in their name, in any case.
            limit: Users on the page; the server takes 10 if None.
            offset: How many to skip.

        Raises:
            ForbiddenError: You may not read everybody's chats.
            UnsupportedError: The server counts costs elsewhere (after v2.36).
        """
        asked: dict[str, Any] = {
            "username": username,
            "limit": limit,
            "offset": offset,
        }
        params = period(start, end) | {k: v for k, v in asked.items() if v}
        found: CostByUser = await self._http.get(
            routes.COST_BY_USER, params=params, returns=CostByUser
        )
        return found

    def iterate_users(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        username: str = "",
        page_size: int = 50,
    ) -> Pages[UserCost]:
        """All users with what their chats cost, each once, the dearest first.

        The period of the first page is that of all pages, even where `start` and
        `end` are left to the server.

        Args:
            start: The server takes 30 days ago if None.
            end: The server takes now if None.
            username: Only users with this in their name, in any case.
            page_size: Users to ask for at a time.

        Raises:
            ForbiddenError: You may not read everybody's chats (while iterating).
        """

        def walk() -> FetchOffset[UserCost]:
            between: dict[str, datetime | None] = {"start": start, "end": end}

            async def fetch(offset: int, limit: int) -> tuple[Sequence[UserCost], int]:
                page = await self.users(
                    **between, username=username, limit=limit, offset=offset
                )
                between.update(start=page.start_date, end=page.end_date)
                return page.users, page.count

            return fetch

        return offset_pages(walk, key=lambda row: row.user_id, page_size=page_size)

    async def chat(self, chat_id: ChatId) -> ChatTotal:
        """What one chat cost, counted by requests to a provider (after v2.36).

        Raises:
            UnsupportedError: The server is older: use `summary`, where `by_chat` has
                the cost of each chat.
            NotFoundError: No such chat, or it is not shared with you.
        """
        found: ChatTotal = await self._http.get(
            routes.chat_cost(chat_id), returns=ChatTotal
        )
        return found
