"""`coderchat groups`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coderchat_jupyter.cli import main

_TakeOut = pytest.CaptureFixture[str]


@pytest.fixture
def database(tmp_path: Path, capsys: _TakeOut) -> str:
    """With the users ann and bob."""
    address = str(tmp_path / "a.db")
    for name in ("ann", "bob"):
        main(["users", "add", name, "--database", address])
    capsys.readouterr()
    return address


def _groups(database: str, *words: str) -> int:
    return main(["groups", *words, "--database", database])


def test_a_group_is_made_filled_emptied_and_deleted(
    database: str, capsys: _TakeOut
) -> None:
    """Twice in or out is no mistake: a script may be run again."""
    statuses = [
        _groups(database, "create", "Blue", "--display-name", "The \x1b[31mblue"),
        _groups(database, "add", "blue", "bob", "Ann"),
        _groups(database, "add", "blue", "bob"),
        _groups(database, "remove", "blue", "ann", "ann"),
        _groups(database, "list"),
        _groups(database, "delete", "blue"),
        _groups(database, "list"),
    ]

    told = capsys.readouterr().out.splitlines()
    assert statuses == [0] * 7
    assert told == [
        "Blue (The blue): nobody",
        "Blue (The blue): ann, bob",
        "Blue (The blue): ann, bob",
        "Blue (The blue): bob",
        "Blue (The blue): bob",
        "Everyone: ann, bob",
        "Everyone: ann, bob",
    ]


def test_programs_are_told_json(database: str, capsys: _TakeOut) -> None:
    _groups(database, "create", "blue", "--json")
    _groups(database, "add", "blue", "ann", "--json")
    _groups(database, "list", "--json")

    made, filled, listed = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(made) == {"id", "name", "display_name", "organization_id", "members"}
    assert (made["members"], filled["members"]) == ([], ["ann"])
    assert [one["name"] for one in listed] == ["Everyone", "blue"]
    assert listed[1] == filled
    assert listed[0]["id"] == made["organization_id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "BLUE"], "there is a group 'BLUE' already"),
        (["create", "everyone"], "there is a group 'everyone' already"),
        (["create", "no name"], "is no group name"),
        (["delete", "red"], "there is no group 'red'"),
        (["delete", "Everyone"], "is the group of everybody"),
        (["remove", "Everyone", "ann"], "is the group of everybody"),
        (["add", "blue", "ann", "carl"], "there is no user 'carl'"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    database: str, capsys: _TakeOut, words: list[str], said: str
) -> None:
    """And nothing of it is done."""
    _groups(database, "create", "blue")
    capsys.readouterr()

    status = _groups(database, *words)

    error = capsys.readouterr().err
    _groups(database, "list")
    assert status == 1
    assert said in error
    assert error.count("\n") == 1
    assert capsys.readouterr().out == "Everyone: ann, bob\nblue: nobody\n"


def test_a_database_that_is_missing_is_not_made(tmp_path: Path) -> None:
    status = _groups(str(tmp_path / "none.db"), "list")

    assert status == 1
    assert not (tmp_path / "none.db").exists()
