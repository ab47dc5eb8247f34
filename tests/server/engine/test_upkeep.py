"""What becomes of old chats, files and debug runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from coderchat_jupyter.server.engine import upkeep
from coderchat_jupyter.server.engine.families import spawn_child
from coderchat_jupyter.server.engine.upkeep import Upkeep
from coderchat_jupyter.server.storage import chats, tables
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from tests.server.databases import BOTH
from tests.server.world import Person, World, eventually, open_world, text

pytestmark = BOTH


@pytest.fixture
async def world(tmp_path: Path, address: DatabaseAddress) -> AsyncIterator[World]:
    """With debug runs, too."""
    async with open_world(tmp_path, database=address, force_debug=True) as found:
        yield found


async def pass_days(world: World, days: float) -> None:
    """Let some days pass, then do what is due."""
    moves = world.service.moves
    later = moves.clock() + timedelta(days=days)
    moves.clock = lambda: later
    await Upkeep(moves).once()


async def setting(person: Person, name: str, days: int) -> None:
    body = {name.replace("-", "_"): days}
    answer = await person.call("PUT", f"/chats/config/{name}", body)
    assert answer.status_code == 204


async def titles(person: Person, **query: str) -> set[str]:
    listed = (await person.call("GET", "/chats", **query)).json()
    return {chat["title"] for chat in listed}


async def archived(person: Person, words: str) -> dict[str, Any]:
    chat = await person.answered(words)
    answer = await person.call("PATCH", f"/chats/{chat['id']}", {"archived": True})
    assert answer.status_code == 204
    return chat


async def upload(person: Person) -> str:
    uploaded = await person.http.post(
        "/api/experimental/chats/files",
        content=b"text",
        headers={"Content-Disposition": 'attachment; filename="a.txt"'},
        params={"organization": person.organization},
    )
    return str(uploaded.json()["id"])


async def test_nothing_is_archived_by_itself_at_first(
    world: World, admin: Person
) -> None:
    await admin.answered("old")

    await pass_days(world, 400)

    assert await titles(admin) == {"old"}


async def test_silent_chats_are_archived_but_not_pinned_or_busy_ones(
    world: World, admin: Person
) -> None:
    await setting(admin, "auto-archive-days", 5)
    pinned = await admin.answered("pinned")
    await admin.call("PATCH", f"/chats/{pinned['id']}", {"pin_order": 1})
    old = await admin.answered("old")
    heard_again = await admin.answered("heard again")
    start = world.service.moves.clock()
    world.service.moves.clock = lambda: start + timedelta(days=4)
    await admin.send(heard_again["id"], "still there?")
    await world.puppet.asked(4)
    world.puppet.answer("Yes.")
    await admin.settled(heard_again["id"])
    await admin.create("busy")
    await world.puppet.asked(5)

    async with admin.watch() as feed:
        await pass_days(world, 2.5)
        await feed.until(lambda f: any(e["kind"] == "deleted" for e in f.events))

    assert await titles(admin, q="archived:true") == {"old"}
    assert await titles(admin) == {"pinned", "heard again", "busy"}
    assert {e["chat"]["id"] for e in feed.events if e["kind"] == "deleted"} == {
        old["id"]
    }


async def test_the_cutoff_is_midnight(world: World, admin: Person) -> None:
    """Of a day on which something was said the whole counts."""
    await setting(admin, "auto-archive-days", 1)
    chat = await admin.answered("old")
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    said = datetime.fromisoformat(page["messages"][0]["created_at"])
    moves = world.service.moves
    midnight = said.replace(hour=0, minute=0, second=0, microsecond=0)
    seen = []
    for moment in (
        midnight + timedelta(days=2, seconds=-1),
        midnight + timedelta(days=2, seconds=1),
    ):
        moves.clock = lambda moment=moment: moment  # type: ignore[misc]
        await Upkeep(moves).once()
        seen.append(await titles(admin))

    assert seen == [{"old"}, set()]


async def test_archived_chats_go_after_a_month_with_all_that_is_theirs(
    world: World, admin: Person
) -> None:
    """Others stay, however old they are."""
    file = await upload(admin)
    gone = await admin.create(
        content=[
            {"type": "text", "text": "gone"},
            {"type": "file", "file_id": file},
        ]
    )
    await world.puppet.asked()
    world.puppet.answer("Hi.")
    await admin.settled(gone["id"])
    access = {"user_roles": {world.other.id: "read"}}
    await admin.call("PATCH", f"/chats/{gone['id']}/acl", access)
    await admin.call("PATCH", f"/chats/{gone['id']}", {"archived": True})
    await admin.answered("kept")

    await pass_days(world, 29)
    before = await titles(admin, q="archived:true")
    await pass_days(world, 2)

    assert before == {"gone"}
    assert await titles(admin, q="archived:true") == set()
    assert await titles(admin) == {"kept"}
    assert (await admin.call("GET", f"/chats/{gone['id']}")).status_code == 404
    path = f"/chats/files/{file}"
    assert (await admin.call("GET", path)).status_code == 404


async def test_a_chat_goes_together_with_its_children(
    world: World, admin: Person
) -> None:
    """It stays as long as one of them has to."""
    root = await admin.answered("root")
    moves = world.service.moves
    async with moves.database.read() as connection:
        parent = await chats.get_chat(connection, root["id"])
    assert parent is not None
    model = parent.last_model_config_id
    child = await spawn_child(
        moves, parent, "general", "child", title="", model_config_id=model
    )
    await world.puppet.asked(2)
    world.puppet.answer("Found.")
    await admin.settled(child.id)
    await admin.call("PATCH", f"/chats/{root['id']}", {"archived": True})
    later = moves.clock() + timedelta(days=10)
    async with moves.database.write() as connection:
        await chats.change_chat(connection, child.id, {"updated_at": later})

    seen = []
    for days in (31, 10):
        await pass_days(world, days)
        seen.append(
            [
                (await admin.call("GET", f"/chats/{one}")).status_code
                for one in (root["id"], child.id)
            ]
        )

    assert seen == [[200, 200], [404, 404]]


async def test_zero_days_is_never(world: World, admin: Person) -> None:
    for name in ("retention-days", "debug-retention-days"):
        await setting(admin, name, 0)
    chat = await archived(admin, "old")

    await pass_days(world, 4000)

    runs = (await admin.call("GET", f"/chats/{chat['id']}/debug/runs")).json()
    assert "chat_turn" in {run["kind"] for run in runs}


async def test_debug_runs_go_earlier_than_their_chat(
    world: World, admin: Person
) -> None:
    await setting(admin, "debug-retention-days", 3)
    chat = await admin.answered("old")
    path = f"/chats/{chat['id']}/debug/runs"

    async def ended() -> bool:
        runs = (await admin.call("GET", path)).json()
        # Of the turn, its title and its label.
        return len(runs) == 3 and all(run["status"] != "in_progress" for run in runs)

    await eventually(ended)
    await pass_days(world, 2)
    before = (await admin.call("GET", path)).json()
    await pass_days(world, 2)

    assert before
    assert (await admin.call("GET", path)).json() == []
    assert await titles(admin) == {"old"}


async def test_who_writes_gets_between_what_is_purged(
    world: World, admin: Person
) -> None:
    """Nobody waits until all that is old is gone."""
    for number in range(4):
        await archived(admin, f"old {number}")
    database = world.service.database
    left: list[int] = []

    async def count() -> int:
        async with database.write() as connection:
            found = await connection.execute(
                select(func.count()).select_from(tables.chats)
            )
        return int(found.scalar_one())

    purging = asyncio.create_task(pass_days(world, 31))
    while not left or left[-1]:
        left.append(await count())
    await purging

    assert {1, 2, 3} & set(left), left


async def test_files_and_debug_runs_go_by_and_by(
    world: World, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than one transaction takes."""
    monkeypatch.setattr(upkeep, "_FILES_AT_ONCE", 1)
    monkeypatch.setattr(upkeep, "_RUNS_AT_ONCE", 1)
    chat = await archived(admin, "old")
    await upload(admin)
    await upload(admin)

    await pass_days(world, 31)

    async with world.service.database.read() as connection:
        for table in (tables.files, tables.debug_runs, tables.debug_steps):
            found = await connection.execute(select(table))
            assert found.first() is None, table.name
    assert (await admin.call("GET", f"/chats/{chat['id']}")).status_code == 404


async def test_a_stream_of_a_purged_chat_stays_open_and_says_nothing(
    world: World, admin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """v2.34 tells nobody of it; who comes back is told that there is no such chat."""
    chat = await archived(admin, "old")
    async with admin.stream(chat["id"]) as feed, admin.watch() as watch:
        await feed.status("waiting")
        before = len(feed.events)
        await pass_days(world, 31)
        after = len(feed.events), feed.closed
        kinds = {event["kind"] for event in watch.events}
        await feed.socket.ping()
        is_open = feed.socket.close_code is None
    sent = await admin.call("POST", f"/chats/{chat['id']}/messages", text("more"))

    assert after == (before, None)
    # How its last turn is called may have been told meanwhile.
    assert kinds <= {"summary_change"}
    assert is_open
    assert feed.closed is not None
    assert feed.closed[0] == 1000
    assert sent.status_code == 404
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
