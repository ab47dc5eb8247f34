"""What every database keeps, and how: one rule for SQLite and for Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError, StatementError

from coderchat_jupyter.server.storage import (
    chat_pages,
    chats,
    costs,
    limits,
    messages,
    model_configs,
    providers,
    settings,
    users,
)
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.server.storage.chat_pages import ChatFilter
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import NewMessage, UserRow
from coderchat_jupyter.server.storage.tables import metadata
from coderchat_jupyter.server.storage.tables import users as table
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import Usage
from tests.server.databases import BOTH

pytestmark = BOTH

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
async def database(address: DatabaseAddress) -> AsyncIterator[Database]:
    found = await Database.open(address)
    yield found
    await found.close()


async def test_a_time_comes_back_as_it_went_in(database: Database) -> None:
    """SQLite keeps no zone; a reader must not have to know that."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    async with database.write() as connection:
        user = await users.add_user(connection, "one", elsewhere)

    assert user.created_at == NOW
    assert user.created_at.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with database.write() as connection:
            await users.add_user(connection, "one", NOW.replace(tzinfo=None))


async def test_a_broken_decision_leaves_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await users.add_user(connection, "one", NOW)
            await users.add_user(connection, "one", NOW)
    async with database.read() as connection:
        found = await users.find_user(connection, "one")

    assert found is None


async def test_what_a_writer_reads_is_what_it_changes(database: Database) -> None:
    """Two decisions at once would both find the name free."""

    async def add_once() -> bool:
        async with database.write() as connection:
            if await users.find_user(connection, "one"):
                return False
            await asyncio.sleep(0)
            await users.add_user(connection, "one", NOW)
            return True

    made = await asyncio.gather(*(add_once() for _ in range(5)))

    assert sorted(made) == [False] * 4 + [True]


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.write() as writer:
        await users.add_user(writer, "one", NOW)
        async with database.read() as reader:
            before = await users.find_user(reader, "one")
    async with database.read() as reader:
        after = await users.find_user(reader, "one")

    assert (before, after is not None) == (None, True)


async def test_migrations_make_the_tables_that_queries_name(
    database: Database,
) -> None:
    """A column added to one and not to the other would fail at run time only."""
    async with database.read() as connection:
        made = await connection.run_sync(
            lambda sync: {
                name: {
                    (c["name"], c["type"].compile(sync.dialect), c["nullable"])
                    for c in inspect(sync).get_columns(name)
                }
                for name in inspect(sync).get_table_names()
                if name not in ("alembic_version", "sqlite_sequence")
            }
        )

    assert made == {
        named.name: {
            (
                column.name,
                column.type.compile(connection.dialect),
                bool(column.nullable),
            )
            for column in named.columns
        }
        for named in metadata.sorted_tables
    }


async def test_a_failed_statement_does_not_quote_what_was_stored(
    database: Database,
) -> None:
    """Values would go to the log with the exception's text."""
    with pytest.raises(IntegrityError) as failed:
        async with database.write() as connection:
            for _ in range(2):
                await users.add_user(connection, "hush-hush", NOW)
    async with database.read() as connection:
        rows = await connection.execute(select(table.c.id))

    assert "hush-hush" not in str(failed.value)
    assert rows.all() == []


class _Home:
    """Somebody with a model, who makes chats."""

    def __init__(self, database: Database, user: UserRow, model: ModelConfigId) -> None:
        self.database = database
        self.user = user
        self.model = model

    async def chat(self, title: str = "A chat", **labels: str) -> ChatId:
        async with self.database.write() as connection:
            return await chats.add_chat(
                connection,
                NOW,
                organization_id=self.user.organization_ids[0],
                owner_id=self.user.id,
                model_config_id=self.model,
                title=title,
                labels=labels,
                client_type="api",
            )

    async def say(
        self, chat: ChatId, words: str, usage: Usage | None = None, micros: int = 0
    ) -> int:
        new = NewMessage(
            role="user" if usage is None else "assistant",
            content=({"type": "text", "text": words},),
            model_config_id=self.model,
            usage=usage,
            cost_micros=micros or None,
        )
        async with self.database.decide() as connection:
            await chats.get_chat(connection, chat, locking=True)
            return (await messages.add_message(connection, chat, new, NOW)).id

    async def titles(self, **wanted: object) -> list[str]:
        async with self.database.read() as connection:
            page = await chat_pages.page_of_chats(
                connection,
                self.user.id,
                ChatFilter(**wanted),  # type: ignore[arg-type]
                limit=50,
                offset=0,
                after_id=None,
            )
        return sorted(chat.title for chat, _ in page)


@pytest.fixture
async def home(database: Database) -> _Home:
    async with database.write() as connection:
        user = await users.add_user(connection, "One", NOW)
        provider = await providers.add_provider(
            connection, NOW, type="openai", name="p", base_url=""
        )
        model = await model_configs.add_model_config(
            connection, NOW, ai_provider_id=provider, model="m", context_limit=1000
        )
    return _Home(database, user, model)


async def test_message_ids_begin_at_two_and_are_never_given_again(home: _Home) -> None:
    """One sequence for all chats; what is rolled back may leave a gap."""
    one, two = await home.chat(), await home.chat()
    first, second = await home.say(one, "a"), await home.say(two, "b")
    with pytest.raises(ZeroDivisionError):
        async with home.database.write() as connection:
            new = NewMessage(role="user", content=())
            await messages.add_message(connection, one, new, NOW)
            raise ZeroDivisionError
    third = await home.say(one, "c")

    assert (first, second) == (2, 3)
    assert third >= 4


async def test_whatever_a_message_holds_comes_back(home: _Home) -> None:
    """Also what Postgres keeps in no text: a NUL, and half a pair of surrogates.

    The half is read as a replacement: nobody could be sent it.
    """
    words = "nul \0 half \ud800 é 🦜 %_\\ ' \" "
    chat = await home.chat()
    await home.say(chat, words)
    async with home.database.read() as connection:
        (found,) = await messages.list_messages(connection, chat)

    read = words.replace("\ud800", "\ufffd")
    assert found.content == ({"type": "text", "text": read},)


async def test_a_nul_in_a_title_or_a_name_breaks_nothing(home: _Home) -> None:
    chat = await home.chat("a\0b")
    async with home.database.read() as connection:
        stored = await chats.get_chat(connection, chat)
        nobody = await users.find_user(connection, "o\0ne")

    assert stored is not None
    assert stored.title in ("a\0b", "a\ufffdb")
    assert nobody is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("REPORT", ["Report 100%", "report of_May"]),
        ("of_may", ["report of_May"]),
        ("100\\%", ["Report 100%"]),
        ("\\_", ["report of_May"]),
        ("t%y", ["report of_May"]),
        ("back\\\\", ["back\\slash"]),
    ],
)
async def test_titles_are_searched_alike(
    asked: str, found: list[str], home: _Home
) -> None:
    """Case is ignored, `%` and `_` stand for anything unless a backslash precedes."""
    for title in ("Report 100%", "report of_May", "back\\slash"):
        await home.chat(title)

    assert await home.titles(title=asked) == found


async def test_labels_are_found_whatever_their_keys_hold(home: _Home) -> None:
    await home.chat("one", **{"a.b/c-d": "x", "n": "1"})
    await home.chat("two", **{"a.b/c-d": "y", "n": "1"})

    assert await home.titles(labels={"a.b/c-d": "x"}) == ["one"]
    assert await home.titles(labels={"n": "1"}) == ["one", "two"]
    assert await home.titles(labels={"n": "1", "a.b/c-d": "z"}) == []
    assert await home.titles(labels={"a": "x"}) == []


async def test_a_label_of_odd_text_spoils_no_search(home: _Home) -> None:
    """A NUL, or half a pair of surrogates, in one chat; the search is for another."""
    await home.chat("odd", key="a\0b", half="\ud800")
    await home.chat("good", key="x", half="y")

    assert await home.titles(labels={"key": "x"}) == ["good"]
    assert await home.titles(labels={"half": "y"}) == ["good"]


async def test_names_are_found_in_any_case(home: _Home) -> None:
    async with home.database.read() as connection:
        found = await users.find_user(connection, "oNE")

    assert found == home.user


async def test_sums_of_costs_and_tokens_are_exact_and_large(home: _Home) -> None:
    """More than 32 bits hold, and no float nor decimal in between."""
    chat = await home.chat()
    usage = Usage(input_tokens=3_000_000_000, output_tokens=7)
    for _ in range(3):
        await home.say(chat, "x", usage, micros=4_000_000_000_000_001)
    async with home.database.read() as connection:
        summary = await costs.cost_summary(
            connection, home.user.id, NOW, NOW + timedelta(seconds=1)
        )
        rollup = await costs.cost_by_user(
            connection,
            NOW,
            NOW + timedelta(seconds=1),
            username="oN",
            limit=10,
            offset=0,
        )

    assert summary.total_cost_micros == 12_000_000_000_000_003
    assert summary.total_input_tokens == 9_000_000_000
    assert summary.by_model[0].total_output_tokens == 21
    assert summary.by_chat[0].message_count == 3
    assert rollup.users[0].total_cost_micros == summary.total_cost_micros


async def test_what_is_spent_as_a_period_ends_is_of_the_next_one(home: _Home) -> None:
    """So two periods that meet count nothing twice."""
    await home.say(await home.chat(), "x", Usage(input_tokens=1), micros=5)
    before, after = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    async with home.database.read() as connection:
        ended = await limits.spent(connection, home.user.id, before, NOW)
        begun = await limits.spent(connection, home.user.id, NOW, after)

    assert (ended, begun) == (0, 5)


async def test_a_setting_of_any_json_is_put_in_place_of_the_last(
    database: Database,
) -> None:
    for value in (False, 0, "", [1, {"b": 1, "a": None}], {"z": 1, "a": 2}):
        async with database.write() as connection:
            await settings.put_setting(connection, "some/name", value)
        async with database.read() as connection:
            assert await settings.get_setting(connection, "some/name") == value
            assert await settings.settings_under(connection, "some/") == {"name": value}


async def test_decisions_about_one_chat_wait_for_each_other(home: _Home) -> None:
    """Also those of two servers: what one reads, the other has committed."""
    chat = await home.chat("0")

    async def count() -> None:
        async with home.database.decide() as connection:
            row = await chats.get_chat(connection, chat, locking=True)
            assert row is not None
            await asyncio.sleep(0)
            changed = {"title": str(int(row.title) + 1)}
            await chats.change_chat(connection, chat, changed)

    await asyncio.gather(*(count() for _ in range(20)))

    assert await home.titles() == ["20"]


async def test_a_writer_waits_for_the_decisions_that_run(home: _Home) -> None:
    """What it reads of a chat is what the chat is when it commits."""
    chat = await home.chat("before")
    order: list[str] = []

    async def write() -> None:
        async with home.database.write() as connection:
            found = await chats.get_chat(connection, chat)
            order.append("" if found is None else found.title)

    async with home.database.decide() as connection:
        await chats.get_chat(connection, chat, locking=True)
        await chats.change_chat(connection, chat, {"title": "after"})
        writing = asyncio.create_task(write())
        for _ in range(5):
            # Time enough to write, if nothing kept it from that.
            await home.titles()
        order.append("decided")
    await writing

    assert order == ["decided", "after"]


async def test_half_a_pair_that_was_stored_once_is_read_as_a_replacement(
    database: Database,
) -> None:
    """Of an emoji, cut in the middle: it cannot be sent to anybody."""
    value = {"text": "cut \ud83d", "whole": "\U0001f600", "quoted": "\\ud83d"}
    async with database.write() as connection:
        await settings.put_setting(connection, "some/name", value)
        found = await settings.get_setting(connection, "some/name")

    assert found == {**value, "text": "cut \ufffd"}
