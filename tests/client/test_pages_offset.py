"""Rows by offset, read while they move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from coderchat_jupyter.client._pages import Pages, offset_pages


class Ranking:
    """Rows by offset, with the count of all."""

    def __init__(self, count: int) -> None:
        self.rows = list(range(count))
        self.asked: list[int] = []
        self.then: dict[int, Callable[[], Any]] = {}

    async def fetch(self, offset: int, limit: int) -> tuple[Sequence[int], int]:
        self.asked.append(offset)
        page, count = self.rows[offset : offset + limit], len(self.rows)
        self.then.get(len(self.asked), lambda: None)()
        return page, count

    def pages(self, size: int) -> Pages[int]:
        return offset_pages(lambda: self.fetch, key=lambda row: row, page_size=size)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7, 8])
async def test_rows_come_once_and_the_count_ends_them(count: int) -> None:
    """No call is spent on a page that the count says is empty."""
    ranking = Ranking(count)

    found = await ranking.pages(4).all()

    assert found == tuple(range(count))
    assert len(ranking.asked) == max(1, -(-count // 4))
    assert ranking.asked[:2] in ([0], [0, 3])


async def test_a_row_that_is_pushed_behind_the_reader_is_looked_for_again() -> None:
    """A row before it went away, so all others moved up."""
    ranking = Ranking(8)
    ranking.then[1] = lambda: ranking.rows.remove(0)

    found = await ranking.pages(4).all()

    assert sorted(found) == list(range(8))
    assert ranking.asked == [0, 3, 0, 3]


async def test_a_row_is_looked_for_also_when_as_many_came_as_there_are() -> None:
    """Two rows went away that were given, and one moved up behind the reader."""
    ranking = Ranking(8)
    ranking.then[1] = lambda: ranking.rows.__delitem__(slice(2, 4))

    found = await ranking.pages(4).all()

    assert sorted(found) == list(range(8))


async def test_rows_that_move_down_are_not_doubled() -> None:
    """A new row at the head pushes the last one of a page onto the next."""
    ranking = Ranking(8)
    ranking.then[1] = lambda: ranking.rows.insert(0, 100)

    found = await ranking.pages(4).all()

    assert sorted(found) == [*range(8), 100]


async def test_a_count_that_is_never_reached_does_not_keep_the_reader() -> None:
    """The server may count what it does not show."""
    calls = 0

    async def fetch(offset: int, limit: int) -> tuple[Sequence[int], int]:
        nonlocal calls
        calls += 1
        return (range(3) if not offset else ()), 1000

    found = await offset_pages(lambda: fetch, key=lambda row: row).all()

    assert found == (0, 1, 2)
    assert calls < 20


async def test_an_error_in_the_middle_reaches_the_reader() -> None:
    """What was given before stays given."""

    async def fetch(offset: int, limit: int) -> tuple[Sequence[int], int]:
        if offset:
            raise OSError("gone")
        return range(limit), 10

    walk = aiter(offset_pages(lambda: fetch, key=lambda row: row, page_size=4))
    found = [await anext(walk) for _ in range(4)]
    with pytest.raises(OSError, match="gone"):
        await anext(walk)

    assert found == [0, 1, 2, 3]


@pytest.mark.parametrize("pages", [1, 2, 3])
async def test_a_server_that_repeats_itself_does_not_keep_the_reader(
    pages: int,
) -> None:
    """One that passes over the offset would else be read as often as it counts."""
    calls = 0

    async def fetch(offset: int, limit: int) -> tuple[Sequence[int], int]:
        nonlocal calls
        calls += 1
        start = (calls % pages) * 100
        return range(start, start + limit), 10**9

    found = await offset_pages(lambda: fetch, key=lambda row: row, page_size=50).all()

    assert len(found) == len(set(found))
    assert 50 <= len(found) <= 51 * pages
    assert calls < 60
