"""A disk that is full is told to who asks for health."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Connection

from tests.server.world import Person, World


@contextmanager
def _full(world: World) -> Iterator[None]:
    """Let the file have no more pages than it has."""
    engine = world.service.database._engine.sync_engine

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1")

    def lift(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")

    event.listen(engine, "begin", limit)
    try:
        yield
    finally:
        event.remove(engine, "begin", limit)
        event.listen(engine, "begin", lift)


async def _health(person: Person) -> tuple[int, str]:
    answer = await person.http.get("/healthz")
    return answer.status_code, answer.text


async def _pages(world: World) -> int:
    async with world.service.database.read() as connection:
        found = await connection.exec_driver_sql("PRAGMA page_count")
        return int(found.scalar_one())


async def test_a_full_disk_is_a_fault_until_there_is_room_again(
    world: World, admin: Person
) -> None:
    before = await _health(admin)
    with _full(world):
        during = await _health(admin)
    after = await _health(admin)
    await admin.answered()

    assert before == after == (200, "OK")
    assert during == (503, "the database takes no change")


async def test_looking_does_not_make_the_file_grow(world: World, admin: Person) -> None:
    await _health(admin)
    before = await _pages(world)
    for _ in range(20):
        assert await _health(admin) == (200, "OK")

    assert await _pages(world) == before
