"""`coderchat serve` and `coderchat users add`, as they are typed."""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path

import httpx
import pytest

from coderchat_jupyter.cli import main
from tests.fakes.processes import add_user, serve


def test_a_user_is_told_an_id_and_a_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["users", "add", "ann", "--database", str(tmp_path / "a.db")])

    told = capsys.readouterr().out.split()
    assert status == 0
    assert (told[0], told[2]) == ("id:", "token:")
    assert len(told[3].split("-")) == 2


def test_a_user_added_to_a_running_server_may_call_at_once(tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    first = add_user(database, "first", "--admin")
    with serve(database) as server:
        second = add_user(database, "second")
        answers = [
            httpx.get(
                f"{server.url}/api/v2/users/me",
                headers={"Coder-Session-Token": user["token"]},
            ).json()
            for user in (first, second)
        ]

    assert [a["username"] for a in answers] == ["first", "second"]
    assert [a["id"] for a in answers] == [first["id"], second["id"]]
    assert [bool(a["roles"]) for a in answers] == [True, False]


def test_a_file_that_is_served_is_served_by_nobody_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which is told in a line; the next server may have it."""
    database = tmp_path / "server.db"
    with serve(database):
        status = main(["serve", "--port", "0", "--database", str(database)])
        said = capsys.readouterr()
    with serve(database) as after:
        url = after.url

    assert status == 1
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith(f"coderchat: another server serves {str(database)!r}: ")
    assert url


@pytest.mark.parametrize("option", ["--stale-seconds", "--action-seconds"])
@pytest.mark.parametrize("value", ["0", "-5", "86401", "nan", "soon"])
def test_a_time_that_cannot_be_meant_is_refused(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"{option}={value}"])

    assert ended.value.code == 2
    assert f"{value!r} is not between 1 and 86400" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ann"], "there is a user 'ann' already"),
        (["Ann"], "there is a user 'Ann' already"),
        (["no name"], "is no user name"),
        (["-"], "is no user name"),
        (["bob", "--database", "mysql://x:hush@y/z"], "SQLite"),
    ],
)
def test_a_user_that_cannot_be_is_refused_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    database = ["--database", str(tmp_path / "a.db")]
    main(["users", "add", "ann", *database])
    capsys.readouterr()

    status = main(["users", "add", *database, *words])

    told = capsys.readouterr().err
    assert status == 1
    assert said in told
    assert told.count("\n") == 1
    assert "hush" not in told


def test_a_taken_port_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status = main(["serve", "--port", str(port), "--database", str(tmp_path / "a")])

    told = capsys.readouterr().err
    assert status == 1
    assert f"port {port} of 127.0.0.1 is taken" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--host", "no.such.invalid", "cannot listen on 'no.such.invalid', port 0: "),
        ("--host", "192.0.2.1", "cannot listen on '192.0.2.1', port 0: "),
        ("--host", "x" * 70, "cannot listen on "),
        ("--scripted", "{0}/nope", "The script nope cannot be read: No such file"),
        ("--scripted", "{0}", "cannot be read: Is a directory"),
        ("--scripted", "{0}/noscript", "The script noscript is not valid"),
        ("--token-file", "{0}", "no token file can be written at "),
        ("--token-file", "{0}/nope/token", "no token file can be written at "),
        ("--database", "{0}", "as a SQLite database: "),
        ("--database", "{0}/noscript/a.db", "as a SQLite database: "),
        ("--database", "/proc/a.db", "as a SQLite database: "),
        ("--database", "mysql://me:hush@host/name", "cannot use a 'mysql' database"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line_before_anything_is_served(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
    value: str,
    said: str,
) -> None:
    (tmp_path / "noscript").write_text('{"scripts": 1}')
    more = [option, value.format(tmp_path)]
    if option != "--database":
        more += ["--database", str(tmp_path / "a")]

    status = main(["serve", "--port", "0", *more])

    told = capsys.readouterr()
    assert (status, told.out) == (1, "")
    assert told.err.startswith("coderchat: ")
    assert said in told.err
    assert "Errno" not in told.err
    assert "hush" not in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "65536"),
        ("--port", "-1"),
        ("--port", "http"),
        ("--host", ""),
        ("--silence-seconds", "0"),
        ("--silence-seconds", "nan"),
        ("--api-rate-limit", "-1"),
    ],
)
def test_a_value_that_cannot_be_meant_is_a_wrong_use(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"{option}={value}"])

    assert ended.value.code == 2
    assert f"argument {option}: " in capsys.readouterr().err


def test_a_token_file_is_private_and_opens_the_server(tmp_path: Path) -> None:
    tokens = tmp_path / "token"
    tokens.write_text("old")
    tokens.chmod(0o644)
    with serve(tmp_path / "server.db", "--token-file", str(tokens)) as server:
        token = tokens.read_text().strip()
        me = httpx.get(
            f"{server.url}/api/v2/users/me", headers={"Coder-Session-Token": token}
        ).json()

    assert tokens.stat().st_mode & 0o777 == 0o600
    assert me["username"] == "admin"


def test_a_scripted_model_is_the_default_of_a_new_server(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"scripts": {"default": [[{"text": "Hi."}]]}}))
    database = tmp_path / "server.db"
    user = add_user(database, "ann")
    with serve(database, "--scripted", str(script)) as server:
        models = httpx.get(
            f"{server.url}/api/experimental/chats/models",
            headers={"Coder-Session-Token": user["token"]},
        ).json()

    assert models["providers"][0]["models"][0]["id"] == "scripted:scripted"


def test_libraries_that_log_tokens_stay_silent_even_if_all_is_logged(
    tmp_path: Path,
) -> None:
    from coderchat_jupyter.server.app import create_app
    from coderchat_jupyter.server.settings import ServerSettings

    create_app(ServerSettings(database=tmp_path / "a.db"))

    for name in ("uvicorn.error", "aiosqlite", "httpcore", "openai"):
        assert logging.getLogger(name).level >= logging.WARNING
