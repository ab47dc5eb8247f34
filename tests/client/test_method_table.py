"""Nothing that a Go client can ask is out of reach, and each asks the same."""

from __future__ import annotations

import inspect
import json
import pathlib
import re
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest

from coderchat_jupyter.client import Client
from tests.client.method_table import G0, G1, SOCKETS, Row
from tests.fakes.recorded_server import RELEASES, TOKEN, Asked, recorded

CONTRACTS: Final = pathlib.Path(__file__).parent.parent / "fixtures" / "contract"
BUILD_INFO: Final = "/api/v2/buildinfo"
TREE: Final = "/api/experimental"
TABLES: Final = {"g0": G0, "g1": G1}

# In the contract these two only hand on to the method that has their place.
ALIASES: Final = {
    "UpdateChatUserUsageLimitOverride": "UpsertChatUsageLimitOverride",
    "DeleteChatUserUsageLimitOverride": "DeleteChatUsageLimitOverride",
}
STATUS: Final = {"OK": 200, "Created": 201, "NoContent": 204}


@cache
def contract(table: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTRACTS / f"{table}.json").read_text())
    return found


def methods(table: str) -> dict[str, dict[str, Any]]:
    found = {one["name"]: one for one in contract(table)["methods"]}
    return {name: found[ALIASES.get(name, name)] for name in found}


def fields(table: str, type_name: str) -> set[str]:
    return {one["json"] for one in contract(table)["types"][type_name]["fields"]}


EACH: Final = [
    pytest.param(table, go, id=f"{table}-{go}")
    for table, rows in TABLES.items()
    for go in rows
]
NAMES: Final = sorted({row.ours for rows in TABLES.values() for row in rows.values()})


@pytest.mark.parametrize("table", TABLES)
def test_every_method_of_a_go_client_has_one_of_ours(table: str) -> None:
    """And the table names none that the Go client does not have."""
    assert set(TABLES[table]) == set(methods(table))


def test_the_contracts_are_whole() -> None:
    """Otherwise the test above could pass by an empty file."""
    assert [len(contract(table)["methods"]) for table in TABLES] == [21, 83]


@pytest.mark.parametrize("ours", NAMES)
def test_each_method_says_what_it_does(ours: str) -> None:
    """It exists under the name that the table gives it, and has a docstring."""
    group, _, name = ours.partition(".")

    method = getattr(getattr(Client("http://127.0.0.1:1", "a-b"), group), name)

    assert inspect.getdoc(method), f"client.{ours} has no docstring"


def filled(path: str, holes: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """A path of the contract with values in its holes, and its query."""
    values = iter(holes)
    whole = re.sub(r"%[sd]|\{\w+\}", lambda _: next(values), path)
    assert next(values, None) is None, "more values than holes"
    place, _, query = whole.partition("?")
    return place.removeprefix(TREE), dict(parse_qsl(query))


async def driven(row: Row, verb: str, path: str, status: int) -> tuple[Any, Asked]:
    """What our method gave back, and the one request that it made."""
    # The oldest record stands for the servers before it.
    release = row.release if row.release in RELEASES else RELEASES[0]
    async with (
        recorded(release, version=row.release) as server,
        Client(server.url, TOKEN) as client,
    ):
        if row.answer is not None or status in (HTTPStatus.NO_CONTENT, 101):
            server.answer(verb, path, status, row.answer)
        await client.server.generation()
        came = await row.call(client)
    [asked] = [one for one in server.asked if one.path != BUILD_INFO]
    return came, asked


@pytest.mark.parametrize(("table", "go"), EACH)
async def test_a_method_asks_what_the_go_client_asks(table: str, go: str) -> None:
    """The same verb, place and query; a body with every field that there is.

    What the Go client takes for success is what we take for it, and whatever has an
    answer gives it back.
    """
    row, method = TABLES[table][go], methods(table)[go]
    verb = "GET" if go in SOCKETS else method["http"]
    status = 101 if go in SOCKETS else STATUS[method["ok"]]
    path, query = filled(method["path"], row.holes)

    came, asked = await driven(row, verb, path, status)

    assert (asked.method, asked.base, asked.path) == (verb, TREE, path)
    assert dict(asked.query) == {**query, **row.query}
    assert (came is None) is (status == HTTPStatus.NO_CONTENT)
    if row.request:
        sent, known = set(asked.json), fields(table, row.request)
        # What came later is ignored by the servers of the oldest client.
        assert sent == known or (table == "g0" and sent > known)
    elif go != "UploadChatFile":
        assert asked.body == b""
