"""Lists that come in pages, read one item at a time.

The server pages in three ways, none of which gives a fixed view of a list that
changes meanwhile. What the ways allow is done: nothing comes twice, and what moves
under the reader is looked for again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message, MessagesPage

__all__ = [
    "FetchChats",
    "FetchMessages",
    "FetchOffset",
    "Pager",
    "Pages",
    "chat_pages",
    "message_pages",
    "offset_pages",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

DEFAULT_SIZE: Final = 50
"""Items a page; every server gives as many."""

_MOST_MESSAGES: Final = 200
_LARGEST_LIMIT: Final = 2**31 - 1


class Pager(Protocol[T_co]):
    """One walk through a list."""

    async def next_page(self) -> Sequence[T_co] | None:
        """Items not given before, perhaps none; None after the end."""
        ...


class Pages(Generic[T]):
    """A list of the server, read page by page as it is needed.

    Nothing is asked before the first item is. Each `async for` begins anew; leaving
    one early leaves nothing open.

        async for chat in client.chats.iterate():
            ...
        newest = await client.chats.iterate().all(limit=10)
    """

    def __init__(self, start: Callable[[], Pager[T]]) -> None:
        self._start = start

    def __aiter__(self) -> AsyncIterator[T]:
        return _Items(self._start())

    async def all(self, limit: int | None = None) -> tuple[T, ...]:
        """All items, or the first `limit` of them. Asks for no page it does not need.

        Raises:
            ValueError: The limit is negative.
        """
        if limit is not None and limit < 0:
            raise ValueError("limit must not be negative")
        found: list[T] = []
        if limit != 0:
            async for item in self:
                found.append(item)
                if len(found) == limit:
                    break
        return tuple(found)


class _Items(AsyncIterator[T]):
    """The items of the pages of one walk."""

    def __init__(self, pager: Pager[T]) -> None:
        self._pager = pager
        self._ready: deque[T] = deque()
        self._is_over = False

    async def __anext__(self) -> T:
        while not self._ready:
            page = None if self._is_over else await self._pager.next_page()
            if page is None:
                self._is_over = True
                raise StopAsyncIteration
            self._ready.extend(page)
        return self._ready.popleft()


def _checked(size: int, most: int) -> int:
    if not 1 <= size <= most:
        raise ValueError(f"page_size must be between 1 and {most}")
    return size


FetchChats = Callable[[ChatId | None, int], Awaitable[Sequence[Chat]]]
"""Fetches one page of chats: after which chat, and how many."""


def chat_pages(fetch: FetchChats, *, page_size: int = DEFAULT_SIZE) -> Pages[Chat]:
    """Chats by cursor.

    The list is ordered by activity, so a chat that becomes active meanwhile jumps to
    its head, behind the reader: the head is read again at the end.
    """
    size = _checked(page_size, _LARGEST_LIMIT)
    return Pages(lambda: _ChatPager(fetch, size))


class _ChatPager:
    def __init__(self, fetch: FetchChats, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._seen: set[ChatId] = set()
        # Ends of pages, oldest first: where to go on if the last chat is gone.
        self._trail: list[ChatId] = []
        self._barren = 0
        self._is_second_look = False
        self._is_over = False

    async def next_page(self) -> Sequence[Chat] | None:
        if self._is_over:
            return None
        cursor = self._trail[-1] if self._trail else None
        page = await self._fetch(cursor, self._size)
        fresh = [chat for chat in page if chat.id not in self._seen]
        self._seen.update(chat.id for chat in page)
        self._barren = 0 if fresh else self._barren + 1
        if self._is_last(page):
            self._end(was_first=cursor is None, is_empty=not page)
        elif self._is_second_look and not fresh:
            self._is_over = True
        else:
            # The last few, so that one of them being deleted is no end.
            self._trail = [chat.id for chat in page[-3:]]
        return fresh

    def _is_last(self, page: Sequence[Chat]) -> bool:
        # A server may give fewer than asked, but never fewer than its default; one
        # that gives more knows no pages, and one that repeats itself no cursor.
        if len(page) < min(self._size, DEFAULT_SIZE) or len(page) > self._size:
            return True
        return self._barren > len(self._seen) // self._size + 1

    def _end(self, *, was_first: bool, is_empty: bool) -> None:
        """Stop, unless there is reason to look again."""
        if is_empty and len(self._trail) > 1:
            # After a deleted chat comes nothing, for the server: go on before it.
            self._trail.pop()
        elif was_first or self._is_second_look:
            self._is_over = True
        else:
            self._is_second_look, self._trail = True, []


FetchMessages = Callable[[int | None, int | None, int], Awaitable[MessagesPage]]
"""Fetches one page: before which message, after which, and how many."""


def message_pages(
    fetch: FetchMessages,
    *,
    before_id: int | None = None,
    after_id: int | None = None,
    page_size: int = DEFAULT_SIZE,
) -> Pages[Message]:
    """Messages by id: ids only grow, so nothing is lost or doubled.

    With `after_id` alone the order is ascending, and messages that are added
    meanwhile come too; otherwise it is descending, and they do not.
    """
    size = _checked(page_size, _MOST_MESSAGES)
    return Pages(lambda: _MessagePager(fetch, before_id, after_id, size))


class _MessagePager:
    def __init__(
        self, fetch: FetchMessages, before: int | None, after: int | None, size: int
    ) -> None:
        self._fetch = fetch
        self._before, self._after = before or None, after or None
        self._is_ascending = self._after is not None and self._before is None
        self._size = size
        self._is_over = False

    async def next_page(self) -> Sequence[Message] | None:
        if self._is_over:
            return None
        page = await self._fetch(self._before, self._after, self._size)
        fresh = [message for message in page.messages if self._is_ahead(message.id)]
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


def offset_pages(
    start: Callable[[], FetchOffset[T]],
    *,
    key: Callable[[T], object],
    page_size: int = DEFAULT_SIZE,
) -> Pages[T]:
    """Rows by offset.

    A row that moves forward meanwhile pushes others behind the reader. When fewer
    rows came than the server counts, the list is read once more for the missing.

    Args:
        start: Gives what reads one page; called anew for each walk.
        key: What tells two rows apart.
        page_size: Rows a page.
    """
    size = _checked(page_size, _LARGEST_LIMIT)
    return Pages(lambda: _OffsetPager(start(), key, size))


class _OffsetPager(Generic[T]):
    def __init__(
        self, fetch: FetchOffset[T], key: Callable[[T], object], size: int
    ) -> None:
        self._fetch = fetch
        self._key = key
        self._size = size
        self._seen: set[object] = set()
        self._offset = 0
        self._passes_left = 2
        self._is_over = False

    async def next_page(self) -> Sequence[T] | None:
        if self._is_over:
            return None
        page, count = await self._fetch(self._offset, self._size)
        fresh = {self._key(row): row for row in page}
        rows = [row for key, row in fresh.items() if key not in self._seen]
        self._seen.update(fresh)
        self._offset += len(page)
        if not page or self._offset >= count:
            self._passes_left -= 1
            self._offset = 0
            self._is_over = len(self._seen) >= count or not self._passes_left
        return rows
