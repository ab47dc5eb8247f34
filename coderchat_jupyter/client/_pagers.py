"""The server's three ways of paging, and what each does about a list that moves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message, MessagesPage

__all__ = [
    "DEFAULT_SIZE",
    "ChatPager",
    "FetchChats",
    "FetchMessages",
    "FetchOffset",
    "MessagePager",
    "OffsetPager",
    "Pager",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

DEFAULT_SIZE: Final = 50
"""Items a page; every server gives as many."""

# How often a list that never rests is read again.
_MOST_LOOKS: Final = 6


class Pager(Protocol[T_co]):
    """One walk through a list."""

    async def next_page(self) -> Sequence[T_co] | None:
        """Items not given before, perhaps none; None after the end."""
        ...


FetchChats = Callable[[ChatId | None, int], Awaitable[Sequence[Chat]]]
"""Fetches one page of chats: after which chat, and how many."""


class ChatPager:
    """By cursor, in a list that is ordered by activity.

    A chat that becomes active jumps to the head, behind the reader. So the head is
    read again, down to the first chat that has not moved since the look before. That
    is over when it took one page: a page is a view of one moment.
    """

    def __init__(self, fetch: FetchChats, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._seen: set[ChatId] = set()
        # The last chats of the page before: where to go on if the very last is gone.
        self._trail: list[ChatId] = []
        self._looks = 1
        self._barren = 0
        self._pages = 0
        # The newest activity at the beginning of this look, and of the one before.
        self._newest: datetime | None = None
        self._settled: datetime | None = None
        self._is_over = False

    async def next_page(self) -> Sequence[Chat] | None:
        """The next chats that were not given yet."""
        if self._is_over:
            return None
        cursor = self._trail[-1] if self._trail else None
        page = await self._fetch(cursor, self._size)
        self._pages += 1
        by_id = {chat.id: chat for chat in page}
        fresh = [chat for chat in by_id.values() if chat.id not in self._seen]
        self._seen.update(by_id)
        self._barren = 0 if fresh else self._barren + 1
        moved = [chat.updated_at for chat in page if not chat.pin_order]
        if self._newest is None and moved:
            self._newest = max(moved)
        if not page and len(self._trail) > 1:
            # After a deleted chat the server finds nothing: go on before it.
            self._trail.pop()
        elif self._is_last(page, cursor) or self._is_settled(moved):
            self._end_look()
        else:
            self._trail = [chat.id for chat in page[-3:]]
        return fresh

    def _is_last(self, page: Sequence[Chat], cursor: ChatId | None) -> bool:
        # A server may give fewer than asked, but never fewer than its default; one
        # that gives more knows no pages.
        if len(page) < min(self._size, DEFAULT_SIZE) or len(page) > self._size:
            return True
        knows_no_cursor = any(chat.id == cursor for chat in page)
        # A cursor that became active leads back to the head, time and again.
        return knows_no_cursor or self._barren > 4 * (len(self._seen) // self._size + 1)

    def _is_settled(self, moved: Sequence[datetime]) -> bool:
        """Whether all that moved since the look before has come by."""
        settled = self._settled
        return settled is not None and any(at <= settled for at in moved)

    def _end_look(self) -> None:
        self._is_over = self._pages == 1 or self._looks == _MOST_LOOKS
        self._settled = self._newest or self._settled
        self._looks += 1
        self._pages, self._barren = 0, 0
        self._newest, self._trail = None, []


FetchMessages = Callable[[int | None, int | None, int], Awaitable[MessagesPage]]
"""Fetches one page: before which message, after which, and how many."""


class MessagePager:
    """By id: ids only grow and keep their place."""

    def __init__(
        self, fetch: FetchMessages, before: int | None, after: int | None, size: int
    ) -> None:
        self._fetch = fetch
        self._before, self._after = before or None, after or None
        self._is_ascending = self._after is not None and self._before is None
        self._size = size
        self._is_over = False

    async def next_page(self) -> Sequence[Message] | None:
        """The next messages."""
        if self._is_over:
            return None
        page = await self._fetch(self._before, self._after, self._size)
        by_id = {message.id: message for message in page.messages}
        fresh = [one for one in by_id.values() if self._is_ahead(one.id)]
        self._is_over = not fresh or not page.has_more
        if fresh and self._is_ascending:
            self._after = max(message.id for message in fresh)
        elif fresh:
            self._before = min(message.id for message in fresh)
        return fresh

    def _is_ahead(self, message_id: int) -> bool:
        """A server that does not know the cursor would send the same for ever."""
        is_older = self._before is None or message_id < self._before
        return is_older and (self._after is None or message_id > self._after)


FetchOffset = Callable[[int, int], Awaitable[tuple[Sequence[T], int]]]
"""Fetches one page: how many to skip, how many to give. Returns the whole's count."""


class OffsetPager(Generic[T]):
    """By offset, with a count of all rows.

    Each page begins with the last row of the page before. If it does not, rows have
    moved meanwhile, perhaps behind the reader, and the list is read once more; as it
    is if fewer rows came than the server counts.
    """

    def __init__(
        self, fetch: FetchOffset[T], key: Callable[[T], object], size: int
    ) -> None:
        self._fetch = fetch
        self._key = key
        self._size = size
        self._seen: set[object] = set()
        self._offset = 0
        self._last: object = None
        self._has_moved = False
        self._was_fruitful = False
        self._looks = 1
        self._is_over = False

    async def next_page(self) -> Sequence[T] | None:
        """The next rows that were not given yet."""
        if self._is_over:
            return None
        overlap = 1 if self._offset else 0
        page, count = await self._fetch(self._offset - overlap, self._size + overlap)
        if overlap:
            has_moved = not page or self._key(page[0]) != self._last
            self._has_moved = self._has_moved or has_moved
        rows = {self._key(row): row for row in page}
        fresh = [row for key, row in rows.items() if key not in self._seen]
        self._was_fruitful = self._was_fruitful or bool(fresh)
        self._seen.update(rows)
        self._offset += len(page) - overlap
        self._last = self._key(page[-1]) if page else None
        # So far past all rows that there are, a server only repeats itself.
        is_lost = not fresh and self._offset > len(self._seen) + self._size
        if len(page) <= overlap or self._offset >= count or is_lost:
            self._end_look(count)
        return fresh

    def _end_look(self, count: int) -> None:
        # Rows that are counted but not shown even when looked for again do not come.
        is_complete = len(self._seen) >= count or not self._was_fruitful
        is_done = is_complete and not self._has_moved
        self._is_over = is_done or self._looks == _MOST_LOOKS
        self._looks += 1
        self._offset, self._last = 0, None
        self._has_moved = self._was_fruitful = False
