"""A session writes down what it is told; the same states come of it again."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import RecordingError
from coderchat_jupyter.session import Backoff, ChatSession, Record, Replay
from coderchat_jupyter.session._recording import Header
from coderchat_jupyter.session._redact import redacted
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import latest_answer
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import FakeCoder
from tests.session.test_reconnect import wait_for

FIRST = json.dumps(Header(server="v2.34.0", chat_id="c").line())


def frame(at: float, *events: object) -> str:
    return json.dumps({"at": at, "step": "frame", "events": events})


def status(name: str) -> object:
    return {"type": "status", "chat_id": "c", "status": {"status": name}}


async def test_a_replay_ends_in_the_very_state_of_the_session(
    coder: FakeCoder, client: Client, soon: Backoff, tmp_path: Path
) -> None:
    """With breaks, garbage, an edit made elsewhere and pages that were fetched."""
    coder.chat.store("user", "One")
    second = coder.chat.store("user", "Two")
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    recording = await session.record(tmp_path / "chat.jsonl")
    await wait_for(lambda: session.link.phase == "live")

    await session.send("Three")
    coder.chat.set_status("running")
    coder.chat.write("Hel")
    await session.until(lambda state: latest_answer(state) == "Hel")
    coder.chat.drop()
    coder.chat.say("{not json")
    await wait_for(lambda: len(coder.chat.followers) == 1)
    coder.chat.say('[{"type":"of-tomorrow","chat_id":"' + CHAT_ID + '"}, 7]')
    coder.chat.write("lo")
    coder.chat.commit()
    coder.chat.finish()
    await session.idle()
    coder.chat.edit(second.id, "Four")
    await session.until(lambda s: [m.id for m in s.messages][1:] != [second.id])
    await session.until(lambda state: len(state.messages) == 2)
    state = session.state
    recording.close()

    assert Replay.read(recording.path).final == state
    written = recording.path.read_text()
    assert client.without_token(written) == written
    assert (recording.path.stat().st_mode & 0o077) == 0
    await session.aclose()


async def test_a_recording_ends_with_the_chat(
    coder: FakeCoder, client: Client, tmp_path: Path
) -> None:
    """What was written is whole, and no file stays open."""
    session = await ChatSession.open(client, CHAT_ID)
    recording = await session.record(tmp_path / "chat.jsonl")

    await session.aclose()

    assert not recording.is_open
    assert recording.path.read_text().endswith('"phase":"closed","attempt":0}\n')


async def test_no_file_is_written_over(
    client: Client, coder: FakeCoder, tmp_path: Path
) -> None:
    """It may be the only recording of something."""
    (tmp_path / "chat.jsonl").write_text("mine")
    session = await ChatSession.open(client, CHAT_ID)

    with pytest.raises(RecordingError, match="already"):
        await session.record(tmp_path / "chat.jsonl")

    await wait_for(lambda: session.link.phase == "live")
    assert (tmp_path / "chat.jsonl").read_text() == "mine"
    await session.aclose()


async def test_a_replay_takes_its_own_time() -> None:
    """Or any multiple of it, by a sleep that is handed in."""
    replay = Replay.parse(
        "\n".join([FIRST, frame(1.0, status("running")), frame(3.5, status("waiting"))])
        + "\n"
    )
    slept: list[float] = []
    seen: list[str | None] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def on_state(_: Record, state: ChatState) -> None:
        seen.append(state.status)

    await replay.play(on_state, speed=2.0, sleep=sleep)
    await replay.play(on_state, speed=None, sleep=sleep)

    assert slept == [0.5, 1.25]
    assert seen == ["running", "waiting"] * 2


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_last_line_that_was_never_finished_is_left_out(cut: int) -> None:
    """The kernel was killed while it wrote."""
    whole = f"{FIRST}\n{frame(1, status('running'))}\n{frame(2, status('waiting'))}"

    replay = Replay.parse(whole[:-cut])

    assert replay.is_truncated
    assert replay.final.status == "running"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no recording"),
        ("a,b\n1,2\n", "no recording"),
        ('{"some": "json"}\n', "no recording"),
        ("[" * 100_000, "no recording"),
        (FIRST.replace('"version": 1', '"version": 2') + "\n", "version 2.*update"),
        (FIRST.replace('"version": 1', '"version": "x"') + "\n", "its version"),
        (f"{FIRST}\ngarbage\n{frame(1, status('running'))}\n", "Line 2"),
        (f'{FIRST}\n{{"at": 1, "step": "of-tomorrow"}}\n', "Line 2"),
        (f'{FIRST}\n{{"at": 1, "step": "chat", "chat": 5}}\n', "Line 2"),
        (f'{FIRST}\n{{"at": Infinity, "step": "opened", "after_id": 1}}\n', "Line 2"),
        (
            f'{FIRST}\n{{"at": 1{"0" * 400}, "step": "opened", "after_id": 1}}\n',
            "Line 2",
        ),
        (f'{FIRST}\n{{"at": 1, "step": "opened", "after_id": 1e999}}\n', "Line 2"),
    ],
)
def test_a_file_that_is_no_recording_is_told_as_such(text: str, told: str) -> None:
    """In words, not by a traceback of a JSON library."""
    with pytest.raises(RecordingError, match=told):
        Replay.parse(text)


def test_a_file_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    """By its name alone: the folder may say who somebody is."""
    with pytest.raises(RecordingError, match="'none.jsonl' cannot be read"):
        Replay.read(tmp_path / "none.jsonl")


def test_a_path_given_to_the_class_itself_is_told_how_it_is_read() -> None:
    """Whoever guesses finds the way."""
    with pytest.raises(TypeError, match=r"Replay\.read\(path\)"):
        Replay("chat.jsonl")  # type: ignore[arg-type]


async def test_a_package_that_was_not_installed_records(
    coder: FakeCoder, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may only be on the path."""

    def unknown(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", unknown)
    session = await ChatSession.open(client, CHAT_ID)

    (await session.record(tmp_path / "chat.jsonl")).close()

    assert Replay.read(tmp_path / "chat.jsonl").header.package == ""
    await session.aclose()


@pytest.mark.parametrize(
    "text",
    [
        "https://me:SECRET@host/x",
        "see https://host/file?X-Amz-Signature=SECRET&part=1",
        "https://host/?a=1&access_token=SECRET",
        "curl -H 'Authorization: Bearer SECRET' https://host",
        "Coder-Session-Token: SECRET",
        "the token is MINE-SECRET.",
        "Cookie: theme=dark; session=SECRET; b=c",
        "set-cookie: sid=SECRET; Path=/",
        "Authorization: token SECRET",
        "X-Goog-Api-Key: SECRET",
        "header value: Bearer 5SECRET-5SECRET-5SECRET",
        '{"api_key": "SECRET"}',
        r"{\"headers\":{\"X-Api-Key\":\"SECRET\"}}",
        "{'password': 'SECRET'}",
        "postgres://me:SECRET@db/x",
        "export OPENAI_API_KEY=SECRET",
        "DB_PASSWORD='SECRET' psql",
        "https://host/back#access_token=SECRET",
        '{"env": {"GITHUB_TOKEN": "SECRET"}}',
    ],
)
def test_secrets_are_not_written_down(text: str) -> None:
    """Neither in addresses, nor in headers that somebody quotes."""
    told = redacted(
        {"a": [{"text": text}]}, scrub=lambda t: t.replace("MINE-SECRET", "-")
    )

    assert "SECRET" not in json.dumps(told)


@pytest.mark.parametrize(
    "name", ["Authorization", "apiKey", "client_secret", "token", "DB_PASSWORD"]
)
@pytest.mark.parametrize("value", ["SECRET", ["SECRET", "SECRET"]])
def test_a_field_that_holds_nothing_but_a_secret_is_not_written(
    name: str, value: object
) -> None:
    """As a tool's arguments or its result may have it."""
    told = redacted({"result": {name: value, "n": 1}})
    apart = redacted([{"name": name, "value": "SECRET"}, {"name": "x", "value": "y"}])

    assert "SECRET" not in json.dumps((told, apart))
    assert apart[1] == {"name": "x", "value": "y"}
    assert told["result"]["n"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "x = f(key=1); see https://host/a?b=c: token count 5 & more",
        "The author's cookbook: authorization is required, isn't it?",
        "a bearer of bad news; bearer instruments",
        '{"max_tokens": 5, "next": "token"}',
        "TOKEN=$TOKEN; export API_KEY=${KEY}; set PASSWORD=<yours>; A=b",
    ],
)
def test_what_holds_no_secret_is_written_as_it_is(text: str) -> None:
    """Or a replay would show something else than there was."""
    assert redacted({"text": text}) == {"text": text}
