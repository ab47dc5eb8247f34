"""Settings of Bedrock: kept sealed, used, never shown."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any, Final

import pytest

from coderchat_jupyter.server.provider_settings import (
    opened_settings,
    settings_faults,
)
from coderchat_jupyter.server.storage.providers import find_provider
from tests.server.world import Person

PROVIDERS: Final = "/api/v2/ai/providers"
SECRET: Final = "secret-of-bedrock-0123456789"
SETTINGS: Final = {
    "_type": "bedrock",
    "_version": 1,
    "region": "eu-west-1",
    "access_key": "AKIAEXAMPLEEXAMPLE00",
    "access_key_secret": SECRET,
}
SHOWN: Final = {"_type": "bedrock", "_version": 1, "region": "eu-west-1"}


async def _made(person: Person, **body: Any) -> Any:
    return await person.call(
        "POST",
        PROVIDERS,
        {
            "type": "bedrock",
            "name": "aws",
            "enabled": True,
            "base_url": "https://bedrock-runtime.eu-west-1.amazonaws.com",
            "settings": SETTINGS,
            **body,
        },
    )


async def _opened(person: Person) -> dict[str, str] | None:
    database = person.world.service.database
    async with database.read() as connection:
        record = await find_provider(connection, "aws")
    assert record is not None
    return opened_settings(record.settings, database.sealer)


async def test_secrets_are_neither_shown_nor_stored_in_the_clear(
    admin: Person,
) -> None:
    made = await _made(admin)
    listed = await admin.call("GET", PROVIDERS)
    with closing(sqlite3.connect(admin.world.path)) as file:
        dump = "\n".join(file.iterdump())

    assert made.status_code == 201
    assert made.json()["settings"] == SHOWN
    assert SECRET not in made.text + listed.text + dump
    assert await _opened(admin) == {
        "region": "eu-west-1",
        "access_key": SETTINGS["access_key"],
        "access_key_secret": SECRET,
    }


async def test_a_change_keeps_the_secrets_it_does_not_mention(admin: Person) -> None:
    """And forgets those that it says to be empty."""
    await _made(admin)
    told = {"_type": "bedrock", "_version": 1, "region": "us-west-2"}

    await admin.call("PATCH", f"{PROVIDERS}/aws", {"settings": told})
    kept = await _opened(admin)
    told |= {"access_key": "", "access_key_secret": ""}
    await admin.call("PATCH", f"{PROVIDERS}/aws", {"settings": told})

    assert kept == {
        "region": "us-west-2",
        "access_key": SETTINGS["access_key"],
        "access_key_secret": SECRET,
    }
    assert await _opened(admin) == {"region": "us-west-2"}


@pytest.mark.parametrize(
    ("kind", "settings", "is_fine"),
    [
        ("openai", None, True),
        ("bedrock", SETTINGS, True),
        ("anthropic", SETTINGS, True),
        ("openai", SETTINGS, False),
        ("bedrock", {}, False),
        ("bedrock", "text", False),
        ("bedrock", {"_type": "other", "_version": 1}, False),
        ("bedrock", {"_type": "bedrock", "_version": 2}, False),
        ("bedrock", {**SETTINGS, "access_key": 7}, False),
        ("bedrock", {**SETTINGS, "access_key_secret": f"{SECRET}\n"}, False),
    ],
)
def test_settings_are_checked_without_quoting_them(
    kind: str, settings: Any, *, is_fine: bool
) -> None:
    faults = list(settings_faults(kind, settings))

    assert (faults == []) is is_fine
    assert SECRET not in str(faults)


async def test_faulty_settings_are_refused(admin: Person) -> None:
    answer = await _made(admin, type="openai")

    assert answer.status_code == 400
    assert [v["field"] for v in answer.json()["validations"]] == ["settings"]


@pytest.mark.parametrize(
    "key", [f"{SECRET}\n{SECRET}", f"{SECRET}\0x", f"{SECRET}\u00e9", f"{SECRET}\x7fx"]
)
async def test_a_key_that_no_header_can_hold_is_refused_unquoted(
    admin: Person, key: str
) -> None:
    made = await _made(admin, api_keys=[key])
    await _made(admin)
    changes = {"api_keys": [{"api_key": key}]}
    changed = await admin.call("PATCH", f"{PROVIDERS}/aws", changes)

    for answer in (made, changed):
        assert answer.status_code == 400
        assert [v["field"] for v in answer.json()["validations"]] == ["api_keys[0]"]
        assert SECRET not in answer.text
