"""Our server against the record of v2.34: the same conversations, fact by fact."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.conform.conversations import SALT, SCENARIOS
from tests.conform.player import Player
from tests.conform.transcript import differences, facts_of, grouped
from tests.fakes.processes import add_user, scripted_vendor, serve

_RECORDS: Final = Path(__file__).parents[1] / "fixtures" / "recorded"
_PRICES: Final = {
    "input_price_per_million_tokens": "3",
    "output_price_per_million_tokens": "15",
    "cache_read_price_per_million_tokens": "0.3",
    "cache_write_price_per_million_tokens": "3.75",
}
_NAMES: Final = {
    "openai-compat": ("scripted", "Scripted One"),
    "anthropic": ("scripted-anthropic", "Scripted Claude"),
}


def _record(name: str) -> dict[str, Any]:
    return dict(json.loads((_RECORDS / f"{name}.json").read_text()))


def _model(http: httpx.Client, kind: str, url: str, name: str) -> tuple[str, str]:
    """Configure a provider and its model, called as in the record; the ids of both."""
    scripted, title = _NAMES[kind]
    provider = http.post(
        "/api/v2/ai/providers",
        json={
            "type": kind,
            "name": scripted,
            "display_name": scripted.title(),
            "enabled": True,
            "base_url": url,
            "api_keys": ["sk-scripted"],
        },
    ).json()
    model = http.post(
        "/api/experimental/chats/model-configs",
        json={
            "ai_provider_id": provider["id"],
            "model": name,
            "display_name": title,
            "context_limit": 100_000,
            "model_config": {"cost": _PRICES},
        },
    ).json()
    return str(model["id"]), str(provider["id"])


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Any]]:
    """A strict server, a vendor, and an administrator of the former."""
    database = tmp_path_factory.mktemp("conform") / "server.db"
    admin = add_user(database, "admin", "--admin")
    # Ids become names by their number, so messages and what is queued must not share
    # any: in the record they did not.
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("INSERT INTO sqlite_sequence VALUES ('messages', 1000)")
    with scripted_vendor() as vendor, serve(database, "--strict-g1") as server:
        with httpx.Client(
            base_url=server.url, headers={"Coder-Session-Token": admin["token"]}
        ) as http:
            model, provider = _model(
                http, "openai-compat", f"{vendor.url}/v1", "fake-1"
            )
            other = _model(http, "anthropic", vendor.url, "claude-sonnet-4-5")
        ids = {"model": model, "provider": provider}
        others = {"other_model": other[0], "other_provider": other[1]}
        yield server.url, vendor.url, {**admin, **ids, **others}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_conversation_goes_as_it_went_with_the_reference(
    name: str, urls: tuple[str, str, Any]
) -> None:
    """No fact differs."""
    server, vendor, admin = urls
    async with httpx.AsyncClient(
        base_url=server, headers={"Coder-Session-Token": admin["token"]}, timeout=60
    ) as http:
        player = Player(
            http,
            admin["token"],
            admin["organization_id"],
            admin["model"],
            admin["other_model"],
            admin["provider"],
            vendor,
        )
        await http.get(f"{vendor}/log")
        await SCENARIOS[name](player)
    text = json.dumps(player.exchanges)
    for value, shown in (
        (admin["id"], "<user>"),
        (admin["organization_id"], "<org>"),
        (admin["model"], "<model>"),
        (admin["other_model"], "<model_anthropic>"),
        (admin["provider"], "<provider>"),
        (admin["other_provider"], "<provider_anthropic>"),
        (SALT, "SALT"),
    ):
        text = text.replace(value, shown)

    found = differences(_record(name), facts_of(json.loads(text)))

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
