"""Frames, pings and the ends of sockets, down to the bytes."""

from __future__ import annotations

import json

import pytest
import websockets

from tests.contract.caller import API, Caller
from tests.contract.wire import Wire

_TEXT, _CLOSE, _PING = 0x81, 0x88, 0x89
_LIMIT = 256


async def test_a_frame_is_one_line_of_an_array_of_events(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "#tools")
        await reader.until("status waiting")

    for frame in reader.frames:
        assert isinstance(frame, str)
        assert frame.endswith("\n")
        assert frame.count("\n") == 1
        events = json.loads(frame)
        assert isinstance(events, list)
        assert 1 <= len(events) <= _LIMIT


async def test_what_html_reads_is_escaped(me: Caller) -> None:
    chat = await me.rested("<&\u2028>")
    async with me.stream(chat) as reader:
        await reader.first()

    text = str(reader.frames[0])
    assert r'"\u003c\u0026\u2028\u003e"' in text
    assert not set("<>&\u2028") & set(text)


async def test_a_long_snapshot_comes_in_frames_of_256(me: Caller) -> None:
    chat = await me.create("#many")
    async with me.stream(chat) as reader:
        await reader.when(lambda: len(reader.events) > 2 * _LIMIT)
        async with me.stream(chat) as late:
            await late.when(lambda: len(late.frames) > 1)
        await me.call("POST", f"/chats/{chat}/interrupt")

    assert len(json.loads(late.frames[0])) == _LIMIT


@pytest.mark.parametrize("path", ["/chats/watch", "/chats/{chat}/stream"])
@pytest.mark.parametrize("said", ["{}", b"{}"], ids=["text", "bytes"])
async def test_who_says_something_is_shown_out(
    me: Caller, path: str, said: str | bytes
) -> None:
    chat = await me.rested("hi")
    async with me.listen(path.format(chat=chat)) as reader:
        await reader.connection.send(said)
        await reader.connection.wait_closed()

    closed = reader.connection.close_code, reader.connection.close_reason
    assert closed == (1008, "unexpected data message")


async def test_who_leaves_is_let_go(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await reader.connection.close(1000)

    assert reader.connection.close_code == 1000


async def test_a_stranger_and_nobody_are_refused_alike(
    me: Caller, other: Caller
) -> None:
    """With the body that any request would have got, and no socket."""
    chat = await me.rested("hi")
    missing = await me.call("GET", "/chats/00000000-0000-0000-0000-000000000009")
    refusals = []
    for path in (chat, "00000000-0000-0000-0000-000000000009"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with other.stream(path):
                pass
        answer = refused.value.response
        refusals.append((answer.status_code, json.loads(answer.body)))

    assert refusals == [(404, missing.json())] * 2


@pytest.mark.parametrize("path", ["/chats/watch", "/chats/{chat}/stream"])
async def test_a_socket_wants_a_session(me: Caller, path: str) -> None:
    chat = await me.rested("hi")
    url = str(me.http.base_url).replace("http", "ws", 1).rstrip("/")

    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(f"{url}{API}{path.format(chat=chat)}"):
            pass

    assert refused.value.response.status_code == 401
    assert set(json.loads(refused.value.response.body)) == {"message", "detail"}


async def test_a_token_may_come_in_the_query(me: Caller) -> None:
    chat = await me.rested("hi")
    url = str(me.http.base_url).replace("http", "ws", 1).rstrip("/")
    query = f"coder_session_token={me.token}"

    async with websockets.connect(f"{url}{API}/chats/{chat}/stream?{query}") as wire:
        first = json.loads(await wire.recv())

    assert first[0]["status"] == {"status": "waiting"}


def test_a_socket_is_pinged_and_ends_if_it_does_not_answer(silent: Wire) -> None:
    """Told as going away, which clients take for a clean end."""
    frames = [silent.frame()]
    while frames[-1][0] != _CLOSE:
        frames.append(silent.frame())

    kinds = [first for first, _ in frames]
    assert silent.status == "HTTP/1.1 101 Switching Protocols"
    assert not any("sec-websocket-extensions" in line for line in silent.headers)
    assert kinds.count(_PING) == 1
    assert set(kinds[:-1]) == {_TEXT, _PING}
    assert frames[-1][1] == (1001).to_bytes(2, "big") + b"Ping failed"
