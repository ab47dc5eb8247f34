"""A chat's stream: what a new listener is told, and how it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import uvicorn
import websockets
from starlette.types import ASGIApp
from websockets.frames import Frame, Opcode

from coderchat_jupyter.server import keepalive
from coderchat_jupyter.server.run import configure
from coderchat_jupyter.server.streaming import backlog
from tests.fakes.puppet import Puppet
from tests.server.world import CHATS, Person, World, eventually, open_world


async def test_a_snapshot_is_one_frame_in_a_fixed_order(
    admin: Person, puppet: Puppet
) -> None:
    """Status, the parts of the running step, messages, the queue."""
    chat = await admin.answered("one", "First.")
    await admin.send(chat["id"], "two")
    await puppet.asked(2)
    async with admin.stream(chat["id"]) as first:
        puppet.say("Sec", "ond")
        await first.until(lambda f: f.said == "Second")
        await admin.send(chat["id"], "three")
        async with admin.stream(chat["id"]) as second:
            await second.until(lambda f: bool(f.frames))

    assert second.story == [
        "running",
        "message_part",
        "user",
        "assistant",
        "user",
        "queue_update",
    ]
    assert len(second.frames) == 1


async def test_who_joins_late_gets_the_whole_text(
    admin: Person, puppet: Puppet
) -> None:
    """What was said before and what is said after, nothing twice."""
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as first:
        puppet.say("a", "b")
        await first.until(lambda f: f.said == "ab")
        async with admin.stream(chat["id"]) as second:
            puppet.answer("c", "d")
            await second.status("waiting")

    assert second.said == "abcd"


async def test_parts_of_a_stored_step_are_not_told_again(
    admin: Person, puppet: Puppet
) -> None:
    """A finished turn told as preview would show its text twice."""
    chat = await admin.answered()

    async with admin.stream(chat["id"]) as feed:
        await feed.until(lambda f: bool(f.frames))

    assert feed.story == ["waiting", "user", "assistant"]


@pytest.mark.parametrize(
    ("which", "told"),
    [
        (0, ["waiting", "user", "assistant"]),
        (-5, ["waiting", "user", "assistant"]),
        ("user", ["waiting", "assistant"]),
        ("assistant", ["waiting"]),
        (2**63 - 1, ["waiting"]),
    ],
)
async def test_after_id_leaves_out_what_is_known(
    admin: Person, which: int | str, told: list[str]
) -> None:
    chat = await admin.answered()
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    known = {m["role"]: m["id"] for m in page["messages"]}

    after_id = known[which] if isinstance(which, str) else which
    async with admin.stream(chat["id"], after_id=after_id) as feed:
        await feed.until(lambda f: bool(f.frames))

    assert feed.story == told


async def test_an_after_id_that_is_no_number_is_refused(
    admin: Person, world: World
) -> None:
    chat = await admin.create()
    token = admin.account.token.get_secret_value()
    url = f"{world.url.replace('http', 'ws')}{CHATS}/{chat['id']}/stream"

    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"{url}?after_id=x&access_token={token}")

    assert refused.value.response.status_code == 400
    assert b"invalid syntax" in (refused.value.response.body or b"")


async def test_a_long_history_comes_in_frames_of_256(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as first:
        puppet.say(*"x" * 600)
        await first.until(lambda f: len(f.said) == 600)
        async with admin.stream(chat["id"]) as second:
            await second.until(lambda f: len(f.events) == 602)

    assert [len(frame) for frame in second.frames] == [256, 256, 90]
    assert max(len(frame) for frame in first.frames) <= 256


async def test_a_client_that_speaks_is_cut_off(admin: Person) -> None:
    chat = await admin.answered()

    async with admin.stream(chat["id"]) as feed:
        await feed.socket.send("hello?")
        await feed.until(lambda f: f.closed is not None)

    assert feed.closed == (1008, "unexpected data message")


async def test_a_stream_that_is_left_is_forgotten(admin: Person, world: World) -> None:
    chat = await admin.answered()
    async with admin.stream(chat["id"]) as feed:
        await feed.until(lambda f: bool(f.frames))
        during = world.service.hub.listeners

    async def nobody_listens() -> bool:
        return world.service.hub.listeners == 0

    await eventually(nobody_listens)

    assert during == 1


async def test_a_listener_that_does_not_read_is_cut_off_and_nobody_else(
    admin: Person, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a story would be worse than coming back for all of it."""
    monkeypatch.setattr(backlog, "_TEXTS", 50)
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as slow:
        puppet.say(*["x"] * 5000)
        await slow.until(lambda f: f.closed is not None)
    async with admin.stream(chat["id"]) as reader:
        await reader.until(lambda f: f.closed is not None or "user" in f.story)

    assert slow.closed is not None
    assert slow.closed[0] == 1001


async def test_listening_marks_the_answers_as_read(admin: Person) -> None:
    chat = await admin.answered()
    before = (await admin.call("GET", "/chats")).json()[0]["has_unread"]
    async with admin.stream(chat["id"]) as feed:
        await feed.until(lambda f: bool(f.frames))

    async def is_read() -> bool:
        return not (await admin.call("GET", "/chats")).json()[0]["has_unread"]

    await eventually(is_read)

    assert before is True


async def test_a_goodbye_is_answered_once_the_answers_are_marked_as_read(
    admin: Person, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So who then looks at the list finds nothing unread."""
    monkeypatch.setattr(keepalive, "_PARTING_SECONDS", 60)
    chat = await admin.answered()
    async with admin.stream(chat["id"]) as feed:
        await admin.send(chat["id"], "again")
        await puppet.asked(2)
        puppet.answer("Again.")
        await feed.status("waiting")
        # Nobody else can write meanwhile.
        async with admin.world.service.database.write():
            closing = asyncio.create_task(feed.socket.close())
            await asyncio.wait((closing,), timeout=0.2)
            was_answered = closing.done()
        await closing

    assert not was_answered
    assert not (await admin.call("GET", "/chats")).json()[0]["has_unread"]


async def test_a_goodbye_is_answered_even_if_the_marking_takes_long(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepalive, "_PARTING_SECONDS", 0.05)
    chat = await admin.answered()
    async with admin.stream(chat["id"]) as feed:
        await feed.until(lambda f: bool(f.frames))
        async with admin.world.service.database.write(), asyncio.timeout(5):
            await feed.socket.close()

    assert feed.closed == (1000, "")


async def test_a_goodbye_that_crosses_the_one_of_the_server_is_no_failure(
    admin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """What a client must not say, and its goodbye, come in one packet."""
    chat = await admin.answered()
    async with admin.stream(chat["id"]) as feed:
        await feed.until(lambda f: bool(f.frames))
        said = feed.socket.protocol
        said.send_text(b"Hello?")
        said.send_close(1000)
        feed.socket.transport.write(b"".join(said.data_to_send()))
        await feed.until(lambda f: f.closed is not None)

    assert feed.closed == (1000, "")
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == []


async def test_someone_else_listening_marks_nothing(
    admin: Person, other: Person
) -> None:
    """The cursor is the owner's."""
    chat = await other.answered()
    async with admin.stream(chat["id"]) as feed:
        await feed.until(lambda f: bool(f.frames))

    assert (await other.call("GET", "/chats")).json()[0]["has_unread"] is True


async def test_pings_keep_a_stream_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that answers them stays, and is asked again."""
    answers = asyncio.Semaphore(0)

    def often(app: ASGIApp) -> uvicorn.Config:
        config = configure(app)
        config.ws_ping_interval, config.ws_ping_timeout = 0.02, 60
        return config

    monkeypatch.setattr("tests.server.world.configure", often)
    async with open_world(tmp_path) as world:
        chat = await world.admin.answered()
        async with world.admin.stream(chat["id"]) as feed:
            send = feed.socket.protocol.send_frame

            def counted(frame: Frame) -> None:
                send(frame)
                if frame.opcode is Opcode.PONG:
                    answers.release()

            monkeypatch.setattr(feed.socket.protocol, "send_frame", counted)
            async with asyncio.timeout(30):
                for _turn in range(5):
                    await answers.acquire()
            alive = feed.closed is None

    assert alive


async def test_who_does_not_answer_pings_is_told_goodbye(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the code that clients of this API take for a clean end."""
    monkeypatch.setattr("coderchat_jupyter.server.run._PING_SECONDS", 0.1)
    async with open_world(tmp_path) as world:
        chat = await world.admin.answered()
        async with world.admin.stream(chat["id"]) as feed:
            send = feed.socket.protocol.send_frame

            def without_pongs(frame: Frame) -> None:
                if frame.opcode is not Opcode.PONG:
                    send(frame)

            monkeypatch.setattr(feed.socket.protocol, "send_frame", without_pongs)
            await feed.until(lambda f: f.closed is not None)

    assert feed.closed == (1001, "Ping failed")
