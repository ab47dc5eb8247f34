"""A connection to a tool server: opened, used, closed, and what breaks it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from coderchat_jupyter.server.mcp.connection import (
    Connection,
    RefusedError,
    Target,
    ToolServerError,
)
from coderchat_jupyter.server.mcp.limits import Limits
from tests.fakes.older_tool_server import older_tool_server
from tests.fakes.tool_server import serving, tool_server
from tests.server.mcp.lending import furnish

_TOOL = {"name": "find", "inputSchema": {"type": "object"}}


@asynccontextmanager
async def _connected(
    url: str, limits: Limits | None = None, transport: str = "streamable_http"
) -> AsyncIterator[Connection]:
    connection = Connection(Target(url, transport, {}), limits or Limits(), "test")
    try:
        yield connection
    finally:
        connection.close()
        async with asyncio.timeout(10):
            await connection.task


async def test_a_server_of_the_older_protocol_is_spoken_to_as_well() -> None:
    """It is told of the beginning and of the end; its tools come page by page."""
    async with older_tool_server() as server:
        server.tools = [{**_TOOL, "name": name} for name in ("find", "fetch")]
        server.answer = {"content": [{"type": "text", "text": "found"}]}
        async with _connected(server.url) as connection:
            tools = await connection.tools()
            answer = await connection.call("find", {"q": "x"})

    assert [tool.name for tool in tools] == ["find", "fetch"]
    assert answer["content"] == [{"type": "text", "text": "found"}]
    assert server.seen[-1] == "DELETE"
    assert "initialize" in server.seen


async def test_an_error_of_the_server_is_a_refusal_in_its_words() -> None:
    async with older_tool_server() as server:
        server.tools, server.answer = [_TOOL], "not today"
        async with _connected(server.url) as connection:
            await connection.tools()
            with pytest.raises(RefusedError, match="not today"):
                await connection.call("find", {})


async def test_pages_without_end_are_not_all_read() -> None:
    async with older_tool_server() as server:
        server.tools, server.pages_for_ever = [_TOOL] * 3, True
        async with _connected(server.url) as connection:
            tools = await connection.tools()

    assert len(tools) == 3
    assert server.seen.count("tools/list") == 20


async def test_calls_that_run_do_not_wait_for_each_other() -> None:
    async with tool_server(furnish) as server, _connected(server.url) as connection:
        await connection.tools()
        slow = asyncio.create_task(connection.call("slow", {}))
        async with asyncio.timeout(10):
            await server.begun.wait()
            answer = await connection.call("weather", {"city": "Rome"})
        slow.cancel()
        await asyncio.wait({slow})

    assert answer["content"][0]["text"] == "It is sunny in Rome."
    assert slow.cancelled()
    assert server.cut.is_set()


async def test_a_call_that_runs_ends_with_the_connection() -> None:
    async with tool_server(furnish) as server, _connected(server.url) as connection:
        await connection.tools()
        slow = asyncio.create_task(connection.call("slow", {}))
        async with asyncio.timeout(10):
            await server.begun.wait()
        connection.close()

        with pytest.raises(ToolServerError, match="lost"):
            await slow
    with pytest.raises(ToolServerError, match="lost"):
        await connection.call("weather", {})


async def test_closing_does_not_wait_for_a_server_that_is_slow_to_answer() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await asyncio.Event().wait()

    async with serving(silent) as root:
        async with asyncio.timeout(10), _connected(root) as connection:
            asking = asyncio.create_task(connection.tools())
            await asyncio.sleep(0)
        with pytest.raises(ToolServerError):
            await asking


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_without_end_is_broken_off(*, packed: bool) -> None:
    """One that is packed is not unpacked: nobody knows what is in it."""

    async def flood(scope: Any, receive: Any, send: Any) -> None:
        encoding = [(b"content-encoding", b"gzip")] if packed else []
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/json"), *encoding],
            }
        )
        piece = gzip.compress(b" " * 2**20) if packed else b" " * 2**16
        for _ in range(500):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})

    limits = Limits(answer_bytes=2**18)
    async with serving(flood) as root, _connected(root, limits) as connection:
        with pytest.raises(ToolServerError, match="TooLarge"):
            await connection.tools()


def test_what_signs_in_is_in_no_repr() -> None:
    target = Target("http://x/?key=SECRET", "sse", {"X": SecretStr("SECRET")})

    assert "SECRET" not in repr(target)
