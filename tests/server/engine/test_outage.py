"""The database goes away for a while, and comes back."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.server.storage.database import Database
from tests.server.databases import BOTH
from tests.server.world import World, eventually, open_world

pytestmark = BOTH


def _take_away(patch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let no transaction begin; what brings the database back."""

    @asynccontextmanager
    async def lost(_: Database) -> AsyncIterator[AsyncConnection]:
        raise OperationalError("", None, OSError("gone"))
        yield

    for name in ("read", "write", "decide"):
        patch.setattr(Database, name, lost)
    return patch.undo


async def _rests(world: World) -> bool:
    return not world.service.moves.runs


async def test_an_answer_that_could_not_be_stored_is_asked_for_again(
    tmp_path: Path, address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody runs the chat any more, though its row says so and its server lives."""
    async with open_world(tmp_path, database=address, stale_seconds=1.0) as world:
        chat = (await world.admin.create("first"))["id"]
        await world.puppet.asked()
        world.puppet.say("Half an ")
        bring_back = _take_away(monkeypatch)
        world.puppet.finish()
        await eventually(lambda: _rests(world))
        bring_back()
        await world.puppet.asked(2)
        world.puppet.answer("Whole.")
        await world.admin.settled(chat)
        found = await world.admin.history(chat)

    assert found == [("user", "first"), ("assistant", "Whole.")]


async def test_an_outage_is_told_once_in_the_log_and_to_who_asks_for_health(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def said(words: str) -> int:
        return sum(words in record.getMessage() for record in caplog.records)

    async def is_said(words: str) -> bool:
        return said(words) > 0

    caplog.set_level(logging.INFO)
    before = await world.admin.http.get("/healthz")
    bring_back = _take_away(monkeypatch)
    during = await world.admin.http.get("/healthz")
    await eventually(lambda: is_said("the database does not answer"))
    bring_back()
    await eventually(lambda: is_said("the database answers again"))
    after = await world.admin.http.get("/healthz")

    assert (before.status_code, before.text) == (200, "OK")
    assert (during.status_code, during.text) == (503, "the database does not answer")
    assert after.status_code == 200
    assert said("the database does not answer") == 1


async def test_the_build_is_told_in_an_outage_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients ask for it first, to know how to speak to the server at all."""
    before = await world.admin.http.get("/api/v2/buildinfo")
    bring_back = _take_away(monkeypatch)
    during = await world.admin.http.get("/api/v2/buildinfo")
    bring_back()

    assert before.status_code == during.status_code == 200
    assert before.json() == during.json()
    assert before.json()["deployment_id"]
