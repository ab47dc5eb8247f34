"""Our server against the record of v2.34: the same conversations, fact by fact."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conform.conversations import SCENARIOS
from tests.conform.deployment import Deployment, conversation, deployed
from tests.conform.transcript import differences, facts_of, grouped
from tests.fakes.postgres import NoPostgresError, running_postgres

_RECORDS: Final = Path(__file__).parents[1] / "fixtures" / "recorded"


def _record(name: str) -> dict[str, Any]:
    return dict(json.loads((_RECORDS / f"{name}.json").read_text()))


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A strict server on a SQLite file."""
    database = tmp_path_factory.mktemp("conform") / "server.db"

    def skip_ids() -> None:
        with closing(sqlite3.connect(database)) as file, file:
            file.execute("INSERT INTO sqlite_sequence VALUES ('messages', 1000)")

    with deployed(str(database), skip_ids) as found:
        yield found


@pytest.fixture(scope="module")
def postgres_urls() -> Iterator[Deployment]:
    """A strict server on Postgres."""
    with ExitStack() as stack:
        try:
            postgres = stack.enter_context(running_postgres())
        except NoPostgresError as error:
            pytest.skip(f"no Postgres here: {error}")

        def skip_ids() -> None:
            postgres.run("ALTER SEQUENCE messages_id_seq RESTART WITH 1001", "conform")

        yield stack.enter_context(deployed(postgres.make("conform"), skip_ids))


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_conversation_goes_as_it_went_with_the_reference(
    name: str, urls: Deployment
) -> None:
    """No fact differs."""
    found = differences(_record(name), facts_of(await conversation(name, urls)))

    assert found == []


@pytest.mark.parametrize("name", ["hello", "queue", "interrupt"])
async def test_a_conversation_goes_on_postgres_as_on_sqlite(
    name: str, postgres_urls: Deployment
) -> None:
    """The same facts, whatever keeps them."""
    exchanges = await conversation(name, postgres_urls)
    found = differences(_record(name), facts_of(exchanges))

    assert found == []


# Their ids got their names in the order of the record, so names can be compared.
@pytest.mark.parametrize("name", ["hello", "interrupt", "provider_err401"])
def test_we_read_the_record_as_it_was_meant(name: str) -> None:
    """Its own transcript gives its own facts: nothing is folded that must not be."""
    record = _record(name)

    found = differences(record, facts_of(record["transcript"]))

    assert found == []
    assert len(record["facts"]) > 100


def test_a_single_changed_fact_is_found() -> None:
    """A comparison that lets something through would prove nothing."""
    record = _record("interrupt")
    ours = facts_of(record["transcript"])
    changed = next(path for path in ours if path.endswith(".role"))

    found = differences(record, {**ours, changed: "system"})
    missing = differences(record, {k: v for k, v in ours.items() if k != changed})
    added = differences(record, {**ours, "[1].response.usage": 1})

    assert [d.path for d in found] == [d.path for d in missing] == [changed]
    assert [d.path for d in added] == ["[1].response.usage"]


def test_statuses_told_twice_count_once() -> None:
    """The reference tells each in two lanes, which may overlap."""
    told = ["pending", "running", "pending", "running", "waiting", "waiting"]
    events = [{"type": "status", "status": {"status": status}} for status in told]

    assert grouped(events) == {"status": ["pending", "running", "waiting"]}
