"""Lists that come in pages, read one item at a time.

The server pages in three ways, none of which gives a fixed view of a list that
changes meanwhile. What the ways allow is done: nothing comes twice, and what moves
behind the reader is looked for again (see `_pagers`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final, Generic, TypeVar

from coderchat_jupyter.client._pagers import (
    DEFAULT_SIZE,
    ChatPager,
    FetchChats,
    FetchMessages,
    FetchOffset,
    MessagePager,
    OffsetPager,
    Pager,
)
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.messages import Message

__all__ = ["FetchOffset", "Pages", "chat_pages", "message_pages", "offset_pages"]

T = TypeVar("T")

_MOST_MESSAGES: Final = 200
_LARGEST_SIZE: Final = 2**31 - 2


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


def chat_pages(fetch: FetchChats, *, page_size: int = DEFAULT_SIZE) -> Pages[Chat]:
    """Chats by cursor: pinned ones first, then the most active.

    All chats that were there from the beginning come, and each once, also those that
    become active meanwhile; new ones may come.
    """
    size = _checked(page_size, _LARGEST_SIZE)
    return Pages(lambda: ChatPager(fetch, size))


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
    return Pages(lambda: MessagePager(fetch, before_id, after_id, size))


def offset_pages(
    start: Callable[[], FetchOffset[T]],
    *,
    key: Callable[[T], object],
    page_size: int = DEFAULT_SIZE,
) -> Pages[T]:
    """Rows by offset, each once.

    Args:
        start: Gives what reads one page; called anew for each walk.
        key: What tells two rows apart.
        page_size: Rows a page.
    """
    size = _checked(page_size, _LARGEST_SIZE)
    return Pages(lambda: OffsetPager(start(), key, size))
