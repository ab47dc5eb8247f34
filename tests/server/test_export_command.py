"""`coderchat export`, as it is typed, beside a server that has been used."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from coderchat_jupyter.cli import main
from tests.fakes.processes import COMMAND, add_user, coderchat, serve
from tests.server.caller import Client

_HOSTILE: Final = "Hi \x1b]0;OWNED\x07\x9b31m\u202eevil <script>x()</script> é"
_USAGE: Final = {"input_tokens": 10, "output_tokens": 5}
_PRICES: Final = {
    "input_price_per_million_tokens": "3",
    "output_price_per_million_tokens": "15",
}
_MICROS: Final = 10 * 3 + 5 * 15


@dataclass(frozen=True)
class _Used:
    """A database, the chats of two users, and what the API says of the first."""

    database: Path
    ann: str
    bob: str
    page: list[dict[str, Any]]
    secrets: tuple[str, ...]

    def export(self, *words: str) -> int:
        return main(["export", *words, "--database", str(self.database)])


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Used]:
    folder = tmp_path_factory.mktemp("used")
    database, script = folder / "server.db", folder / "script"
    answer = [{"text": _HOSTILE}, {"usage": _USAGE}]
    script.write_text(json.dumps({"scripts": {"default": [answer]}}))
    ann, bob = add_user(database, "ann", "--admin"), add_user(database, "bob")
    key = "sk-A-KEY-THAT-IS-LONG-ENOUGH"
    more = ["--key-stdin", "--base-url", "http://x", "--database", str(database)]
    coderchat("providers", "add", "openai", "vendor", *more, typed=key)
    with serve(database, "--scripted", str(script)) as server:
        with Client(server.url, ann) as client:
            (model,) = client.call("GET", "/model-configs")
            prices = {"model_config": {"cost": _PRICES}}
            client.call("PATCH", f"/model-configs/{model['id']}", prices)
            chat = client.create(f"Asked {_HOSTILE}")
            client.until(chat, "waiting")
            page = client.page(chat)["messages"][::-1]
        with Client(server.url, bob) as client:
            other = client.create("Bob's")
            client.until(other, "waiting")
        secrets = (ann["token"], bob["token"], key)
        yield _Used(database, chat, other, page, secrets)


def test_an_export_has_what_the_api_has_and_the_costs(
    used: _Used, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    done = coderchat("export", used.ann, "--out", out, "--database", used.database)

    text = out.read_text(encoding="utf-8")
    (chat,) = json.loads(text)["chats"]
    costs = [message.pop("cost_micros") for message in chat["messages"]]
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert out.stat().st_mode & 0o777 == 0o600
    assert (chat["id"], chat["owner_username"]) == (used.ann, "ann")
    assert chat["messages"] == used.page
    assert (costs, chat["total_cost_micros"]) == ([None, _MICROS], _MICROS)
    assert not any(secret in text for secret in used.secrets)


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_a_terminal_is_told_nothing_that_it_would_obey(used: _Used, form: str) -> None:
    ours, theirs = pty.openpty()
    words = ["export", "--all", "--format", form, "--database", str(used.database)]
    with subprocess.Popen(
        [*COMMAND, *words], stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        told = b""
        try:
            while piece := os.read(ours, 65536):
                told += piece
        except OSError:  # so the end of a terminal is told
            pass
        status = process.wait(20)
    os.close(ours)

    shown = told.decode()
    assert status == 0
    assert "Asked Hi" in shown
    assert not re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", shown)


def test_all_chats_are_exported_or_those_of_a_user(
    used: _Used, capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    for more in ([], ["--user", "BOB"]):
        used.export("--all", *more)
        chats = json.loads(capsys.readouterr().out)["chats"]
        found.append([chat["id"] for chat in chats])

    assert found == [[used.ann, used.bob], [used.bob]]


def test_markdown_names_who_spoke_and_what_it_cost(
    used: _Used, capsys: pytest.CaptureFixture[str]
) -> None:
    used.export(used.ann, "--format", "markdown")

    told = capsys.readouterr().out
    assert "cost 0.000105 USD" in told
    assert re.search(r"^## user · .*\n\nAsked Hi", told, re.MULTILINE)
    assert re.search(r"^## assistant · .* · 0.000105 USD$", told, re.MULTILINE)
    assert "<script>" not in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "not the id of a chat"),
        (["6f8e2b1c-0000-4000-8000-000000000000"], "there is no chat"),
        (["--all", "--user", "eve"], "there is no user 'eve'"),
        (["{ann}", "--user", "bob"], "there is no chat"),
    ],
)
def test_what_is_not_there_is_told_in_a_line_and_nothing_is_written(
    used: _Used,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    out = tmp_path / "out"
    out.write_text("old")
    named = [word.format(ann=used.ann) for word in words]

    status = used.export(*named, "--out", str(out))

    told = capsys.readouterr().err
    assert (status, told.count("\n")) == (1, 1)
    assert said in told
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert out.read_text() == "old"


@pytest.mark.parametrize("out", ["{0}", "{0}/nope/out"])
def test_a_file_that_cannot_be_written_is_told_by_its_own_name(
    used: _Used, tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    path = out.format(tmp_path)

    status = used.export("--all", "--out", path)

    told = capsys.readouterr().err
    assert (status, told.count("\n")) == (1, 1)
    assert told.startswith(f"coderchat: cannot write {path!r}: ")
