"""`coderchat mcp`, as it is typed: the server running or not."""

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
_URL: Final = "http://127.0.0.1:9/mcp"


def _run(
    database: Path, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main(["mcp", *words, "--database", str(database)])
    told = capsys.readouterr()
    return status, told.out, told.err


@pytest.mark.parametrize("way", ["stdin", "file"])
def test_a_key_is_stored_sealed_and_not_shown(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    database, file = tmp_path / "server.db", tmp_path / "key"
    file.write_text(f"{_KEY}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{_KEY}\n"))
    source = {"stdin": ["--key-stdin"], "file": ["--api-key-file", str(file)]}[way]

    added = _run(
        database, capsys, "add", "search", _URL, "--api-key-header", "X-Key", *source
    )
    listed = _run(database, capsys, "list")

    assert added == (
        0,
        f"search\tstreamable_http\t{_URL}\tdefault_off\twith a secret\n",
        "",
    )
    assert listed == added
    with closing(sqlite3.connect(database)) as rows:
        stored = rows.execute("SELECT * FROM mcp_servers").fetchone()
    assert _KEY not in str(stored)


def test_a_running_server_knows_what_is_added_and_removed(tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    user = add_user(database, "admin", "--admin")
    with serve(database) as server:

        def told() -> Any:
            headers = {"Coder-Session-Token": user["token"]}
            path = "/api/experimental/mcp/servers"
            return httpx.get(server.url + path, headers=headers).json()

        where = ["--database", str(database)]
        more = ["--availability", "force_on", "--allow-tool", "find", "--json"]
        added = coderchat("mcp", "add", "search", _URL, *more, *where)
        with_it = told()
        removed = coderchat("mcp", "remove", "search", *where)
        without = told()

    assert [json.loads(added.stdout)] == with_it
    assert with_it[0]["tool_allow_list"] == ["find"]
    assert with_it[0]["availability"] == "force_on"
    assert (removed.returncode, without) == (0, [])


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["remove", "other"], "", "no tool server 'other'"),
        (["add", "taken", _URL], "", "already"),
        (["add", "b", "tools.example"], "", "url: must be"),
        (["add", "", _URL], "", "slug"),
        (["add", "b", _URL], _KEY, "belong together"),
        (["add", "b", _URL, "--api-key-header", "X-Key"], "", "belong together"),
        (["add", "b", _URL, "--api-key-header", "X Key"], _KEY, "api_key_header"),
        (["add", "b", _URL, "--api-key-header", "X-Key"], f"{_KEY}\n{_KEY}", "line"),
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
    database = tmp_path / "server.db"
    _run(database, capsys, "add", "taken", _URL)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    status, out, err = _run(
        database, capsys, *words, *(["--key-stdin"] if typed else [])
    )

    assert (status, out, err.count("\n")) == (1, "", 1)
    assert said in err
    assert _KEY not in err


def test_looking_makes_no_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = _run(tmp_path / "server.db", capsys, "list")

    assert (status, list(tmp_path.iterdir())) == (1, [])
    assert "there is no database" in err
