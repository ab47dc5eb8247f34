"""`coderchat providers`, as it is typed: the server running or not."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from coderchat_jupyter.cli import main
from tests.fakes.processes import add_user, coderchat, serve

_KEY: Final = "sk-A-KEY-THAT-IS-LONG-ENOUGH"


def _add(database: Path, *more: str, typed: str = "") -> Any:
    where = ["--base-url", "http://127.0.0.1:9/v1", "--database", str(database)]
    words = ["providers", "add", "openai-compat", "vendor", *where, *more]
    return coderchat(*words, typed=typed)


def _listed(database: Path) -> Any:
    done = coderchat("providers", "list", "--json", "--database", str(database))
    return json.loads(done.stdout)


@pytest.mark.parametrize("way", ["stdin", "file"])
def test_a_key_is_stored_sealed_and_shown_masked(tmp_path: Path, way: str) -> None:
    database, file = tmp_path / "server.db", tmp_path / "key"
    file.write_text(f"{_KEY}\n")
    source = {"stdin": ["--key-stdin"], "file": ["--api-key-file", str(file)]}[way]

    added = _add(database, *source, typed=f"{_KEY}\n")

    (provider,) = _listed(database)
    assert added.returncode == 0
    assert _KEY not in added.stdout + added.stderr
    assert provider["api_keys"][0]["masked"] == "sk-A...OUGH"
    with closing(sqlite3.connect(database)) as rows:
        (sealed,) = rows.execute("SELECT sealed FROM ai_provider_keys").fetchone()
    assert _KEY not in sealed


def test_a_running_server_knows_what_is_added_and_removed(tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    user = add_user(database, "admin", "--admin")
    with serve(database) as server:

        def told() -> list[str]:
            headers = {"Coder-Session-Token": user["token"]}
            answer = httpx.get(f"{server.url}/api/v2/ai/providers", headers=headers)
            return [provider["name"] for provider in answer.json()]

        _add(database, "--key-stdin", typed=_KEY)
        with_it = told()
        removed = coderchat("providers", "remove", "vendor", "--database", database)
        without = told()

    assert (with_it, removed.returncode, without) == (["vendor"], 0, [])
    with closing(sqlite3.connect(database)) as rows:
        assert rows.execute("SELECT * FROM ai_provider_keys").fetchall() == []


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["remove", "other"], "", "no provider 'other'"),
        (["add", "openai", "vendor", "--base-url", "http://x"], "", "already"),
        (["add", "openai", "b", "--base-url", "http://x"], f"{_KEY}\n{_KEY}", "line"),
        (["add", "openai", "b", "--base-url", "http://x"], f" {_KEY}", "white space"),
        (["add", "openai", "b", "--base-url", "http://x"], f"{_KEY}\u00e9", "ASCII"),
        (["add", "nobody", "b", "--base-url", "http://x"], "", "not a provider type"),
        (["add", "openai", "b"], "", "base_url is required"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line_without_the_key(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    typed: str,
    said: str,
) -> None:
    database = ["--database", str(tmp_path / "server.db")]
    vendor = ["openai", "vendor", "--base-url", "http://x"]
    main(["providers", "add", *vendor, *database])
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    key = ["--key-stdin"] if typed else []

    status = main(["providers", *words, *database, *key])

    told = capsys.readouterr()
    assert (status, told.out, told.err.count("\n")) == (1, "", 1)
    assert said in told.err
    assert _KEY not in told.err


def test_looking_makes_no_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["providers", "list", "--database", str(tmp_path / "server.db")])

    assert (status, list(tmp_path.iterdir())) == (1, [])
    assert "there is no database" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["providers", "list"]])
@pytest.mark.parametrize("which", ["no database", "a folder", "no key", "newer"])
def test_a_database_that_cannot_be_used_is_told_in_a_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    which: str,
    command: list[str],
) -> None:
    database = tmp_path / "server.db"
    if which == "no database":
        database.write_bytes(b"These are no tables, but only some words." * 100)
    elif which == "a folder":
        database.mkdir()
    else:
        main(["users", "add", "ann", "--database", str(database)])
    if which == "no key":
        database.with_name("server.db.key").write_text("no key")
    if which == "newer":
        with closing(sqlite3.connect(database)) as rows:
            rows.execute("UPDATE alembic_version SET version_num = '9999'")
            rows.commit()
    capsys.readouterr()

    status = main([*command, "--database", str(database)])

    told = capsys.readouterr().err
    assert status == 1
    assert told.startswith("coderchat: ")
    assert told.count("\n") == 1
