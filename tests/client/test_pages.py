"""Lists in pages, read while they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.client._pages import Pages, chat_pages, message_pages
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message, MessagesPage

AT: Final = datetime(2026, 6, 1, tzinfo=UTC)


def chat(name: str, minute: int = 0) -> Chat:
    at = AT + timedelta(minutes=minute)
    return Chat(id=ChatId(name), created_at=AT, updated_at=at)


def message(number: int) -> Message:
    return Message(id=number, chat_id=ChatId("c"), created_at=AT, role="user")


class ChatList:
    """The list of a server: ordered, the most active chat first."""

    def __init__(self, count: int) -> None:
        self.names = [f"c{n}" for n in range(count)]
        self.minutes = {name: count - n for n, name in enumerate(self.names)}
        self.clock = count
        self.asked: list[tuple[str | None, int]] = []
        self.then: dict[int, Callable[[], Any]] = {}

    async def fetch(self, after: ChatId | None, limit: int) -> Sequence[Chat]:
        self.asked.append((after, limit))
        start = 0
        if after is not None:
            # A server finds nothing after a chat that is no more.
            start = self.names.index(after) + 1 if after in self.names else 1 << 30
        names = self.names[start : start + limit]
        page = [chat(name, self.minutes[name]) for name in names]
        self.then.get(len(self.asked), lambda: None)()
        return page

    def touch(self, name: str) -> None:
        self.names.remove(name)
        self.names.insert(0, name)
        self.clock += 1
        self.minutes[name] = self.clock

    def pages(self, size: int) -> Pages[Chat]:
        return chat_pages(self.fetch, page_size=size)


async def ids(pages: Pages[Chat]) -> list[str]:
    return [found.id async for found in pages]


async def test_nothing_is_asked_before_the_first_item_is() -> None:
    """A list that nobody reads costs nothing."""
    chats = ChatList(10)

    pages = chats.pages(4)
    before = list(chats.asked)
    await anext(aiter(pages))

    assert before == []
    assert chats.asked == [(None, 4)]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 9])
async def test_every_chat_comes_once_whatever_the_number_of_pages(count: int) -> None:
    """The last page may be full, short or empty."""
    chats = ChatList(count)

    found = await ids(chats.pages(4))

    assert found == chats.names


async def test_a_list_of_one_page_takes_one_call() -> None:
    """The usual case is not to cost a second look."""
    chats = ChatList(3)

    await ids(chats.pages(50))

    assert chats.asked == [(None, 50)]


async def test_a_walk_can_be_left_and_begun_anew() -> None:
    """Each `async for` is a walk of its own."""
    chats = ChatList(9)
    pages = chats.pages(4)

    first = [await anext(aiter(pages)), await anext(aiter(pages))]

    assert [one.id for one in first] == ["c0", "c0"]
    assert await ids(pages) == chats.names


async def test_no_more_pages_are_asked_than_are_needed() -> None:
    """`all(limit)` stops in the middle of a page."""
    chats = ChatList(100)

    found = await chats.pages(4).all(limit=6)

    assert [one.id for one in found] == chats.names[:6]
    assert len(chats.asked) == 2


async def test_after_the_end_the_walk_stays_ended() -> None:
    """As every iterator of Python does."""
    chats = ChatList(1)
    walk = aiter(chats.pages(4))
    await anext(walk)

    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(walk)

    assert len(chats.asked) == 1


async def test_a_chat_that_becomes_active_meanwhile_is_not_lost() -> None:
    """It jumps to the head of the list, behind the reader."""
    chats = ChatList(12)
    chats.then[1] = lambda: chats.touch("c10")

    found = await ids(chats.pages(4))

    assert sorted(found) == sorted(chats.names)


async def test_the_end_of_a_page_becoming_active_doubles_nothing() -> None:
    """The page after it begins at the head again."""
    chats = ChatList(12)
    chats.then[1] = lambda: chats.touch("c3")

    found = await ids(chats.pages(4))

    assert sorted(found) == sorted(chats.names)


async def test_the_end_of_a_page_being_removed_does_not_end_the_list() -> None:
    """After a chat that is gone the server finds nothing."""
    chats = ChatList(12)
    chats.then[1] = lambda: chats.names.remove("c3")

    found = await ids(chats.pages(4))

    assert found == [f"c{n}" for n in range(12)]


async def test_a_server_without_pages_gives_everything_at_once() -> None:
    """The oldest one knows neither limit nor cursor."""
    calls = 0

    async def fetch(after: ChatId | None, limit: int) -> list[Chat]:
        nonlocal calls
        calls += 1
        return [chat(f"c{n}") for n in range(120)]

    found = await ids(chat_pages(fetch))

    assert len(found) == 120
    assert calls == 1


async def test_a_server_that_repeats_its_page_for_ever_is_left() -> None:
    """One that ignores the cursor must not be asked without end."""
    calls = 0

    async def fetch(after: ChatId | None, limit: int) -> list[Chat]:
        nonlocal calls
        calls += 1
        return [chat(f"c{n}") for n in range(limit)]

    found = await ids(chat_pages(fetch, page_size=4))

    assert len(found) == 4
    assert calls < 8


@given(
    count=st.integers(0, 30),
    size=st.integers(1, 7),
    moves=st.lists(st.tuples(st.integers(1, 12), st.integers(0, 29)), max_size=3),
)
def test_chats_that_move_and_come_are_given_once_each(
    count: int, size: int, moves: list[tuple[int, int]]
) -> None:
    """Whatever becomes active while the list is read, at any time before its end."""

    async def run() -> None:
        chats = ChatList(count)
        there = list(chats.names)
        for turn, which in moves:
            if there:
                name = there[which % count]
                chats.then[turn] = partial(chats.touch, name)
        found = await ids(chats.pages(size))
        assert sorted(found) == sorted(there)

    asyncio.run(run())


class MessageList:
    """The messages of a chat, as a server gives them."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = list(numbers)
        self.asked: list[tuple[int | None, int | None, int]] = []
        self.then: dict[int, Callable[[], Any]] = {}

    async def fetch(
        self, before: int | None, after: int | None, limit: int
    ) -> MessagesPage:
        self.asked.append((before, after, limit))
        found = [
            n
            for n in sorted(self.numbers, reverse=not (after and not before))
            if (not before or n < before) and (not after or n > after)
        ]
        page = MessagesPage(
            messages=tuple(message(n) for n in found[:limit]),
            has_more=len(found) > limit,
        )
        self.then.get(len(self.asked), lambda: None)()
        return page


async def numbers(pages: Pages[Message]) -> list[int]:
    return [found.id async for found in pages]


@pytest.mark.parametrize(
    ("bounds", "wanted"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2]),
        ({"before_id": 6}, [5, 4, 3, 2]),
        ({"after_id": 6}, [7, 8, 9]),
        ({"before_id": 8, "after_id": 3}, [7, 6, 5, 4]),
        ({"after_id": 9}, []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 200])
async def test_messages_between_any_bounds_come_once_and_in_order(
    bounds: dict[str, int], wanted: list[int], size: int
) -> None:
    """Descending, but ascending after an id alone."""
    chat_messages = MessageList(range(2, 10))

    pages = message_pages(chat_messages.fetch, **bounds, page_size=size)

    assert await numbers(pages) == wanted


async def test_messages_that_come_and_go_meanwhile_disturb_nothing() -> None:
    """An edit removes some, an answer adds one: the rest keeps its place."""
    chat_messages = MessageList(range(2, 10))

    def edit() -> None:
        chat_messages.numbers.remove(7)
        chat_messages.numbers.append(10)

    chat_messages.then[1] = edit

    found = await numbers(message_pages(chat_messages.fetch, page_size=3))

    assert found == [9, 8, 7, 6, 5, 4, 3, 2]


async def test_messages_that_are_added_come_when_reading_upwards() -> None:
    """After an id there is no end but the newest."""
    chat_messages = MessageList(range(2, 6))
    chat_messages.then[1] = lambda: chat_messages.numbers.append(6)

    found = await numbers(message_pages(chat_messages.fetch, after_id=1, page_size=2))

    assert found == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("page", [[], [5, 4]])
async def test_a_server_that_always_has_more_is_left(page: list[int]) -> None:
    """`has_more` with nothing new in the page would never end."""
    calls = 0

    async def fetch(before: Any, after: Any, limit: int) -> MessagesPage:
        nonlocal calls
        calls += 1
        return MessagesPage(messages=tuple(map(message, page)), has_more=True)

    assert await numbers(message_pages(fetch)) == page
    assert calls <= 2


@pytest.mark.parametrize("size", [0, -1])
def test_a_page_holds_at_least_one_item(size: int) -> None:
    """The server would refuse it, or give its default."""
    with pytest.raises(ValueError, match="page_size"):
        chat_pages(ChatList(1).fetch, page_size=size)


def test_a_page_of_messages_holds_no_more_than_the_server_gives() -> None:
    """More than 200 is an error there."""
    with pytest.raises(ValueError, match="page_size"):
        message_pages(MessageList([]).fetch, page_size=201)


async def test_a_negative_limit_is_refused() -> None:
    """It would read as everything."""
    with pytest.raises(ValueError, match="limit"):
        await ChatList(1).pages(4).all(limit=-1)


async def test_what_comes_twice_on_one_page_is_given_once() -> None:
    """A list that changes under the query of a server may repeat a row."""

    async def chats(after: ChatId | None, limit: int) -> Sequence[Chat]:
        return [] if after else [chat("a"), chat("b"), chat("a")]

    async def messages(
        before: int | None, after: int | None, limit: int
    ) -> MessagesPage:
        return MessagesPage(messages=(message(9), message(9), message(8)))

    assert await ids(chat_pages(chats, page_size=3)) == ["a", "b"]
    assert [one.id async for one in message_pages(messages)] == [9, 8]


async def test_a_cursor_that_leads_in_circles_is_not_followed_for_ever() -> None:
    """Each page is full, and none holds the cursor or anything new."""
    calls = 0

    async def fetch(after: ChatId | None, limit: int) -> Sequence[Chat]:
        nonlocal calls
        calls += 1
        assert calls < 200
        return [chat(name) for name in "abcd" if name != after][:limit]

    assert sorted(await ids(chat_pages(fetch, page_size=3))) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("is_after", [True, False])
async def test_a_server_that_counts_the_cursor_in_doubles_no_message(
    is_after: bool,
) -> None:
    """Neither the one that the caller named, nor the last of a page."""

    async def fetch(before: int | None, after: int | None, limit: int) -> MessagesPage:
        ids = range(after, 9) if after else range(before or 9, 2, -1)
        page = tuple(message(n) for n in ids[:limit])
        return MessagesPage(messages=page, has_more=len(ids) > limit)

    pages = (
        message_pages(fetch, after_id=3, page_size=3)
        if is_after
        else message_pages(fetch, before_id=8, page_size=3)
    )

    found = [one.id async for one in pages]
    assert found == ([4, 5, 6, 7, 8] if is_after else [7, 6, 5, 4, 3])
