"""A server of the Model Context Protocol on a real loopback socket.

Made with the SDK's own server, so that both ends are not ours; what no such server
would do is added below it, on the wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from coderchat_jupyter.server.run import listen

__all__ = ["ToolServer", "serving", "tool_server"]


@dataclass
class ToolServer:
    """One that runs.

    Attributes:
        url: Where it is.
        requests: The headers of every request, in order.
        calls: The tools that were begun, in order.
        begun: Set when a tool that waits was begun.
        cut: Set when it was cancelled.
    """

    url: str
    sdk: MCPServer
    requests: list[dict[str, str]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    cut: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def tool_server(
    furnish: Callable[[ToolServer], None], *, transport: str = "streamable_http"
) -> AsyncIterator[ToolServer]:
    """Run one.

    Args:
        furnish: Gives it its tools.
        transport: `streamable_http` or `sse`.
    """
    sdk = MCPServer("tools", log_level="CRITICAL")
    running = ToolServer("", sdk)
    furnish(running)
    app: Starlette = sdk.sse_app() if transport == "sse" else sdk.streamable_http_app()
    path = "/sse" if transport == "sse" else "/mcp"
    async with serving(_noting(app, running)) as root:
        running.url = root + path
        yield running


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application on a free port; its address."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve(sockets=[listener]))
    while not server.started:
        assert not running.done(), running
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()
        await _end_watchers()


async def _end_watchers() -> None:
    """What serves events to the SDK watches for the end of a process by a task."""
    watchers = [
        task
        for task in asyncio.all_tasks()
        if getattr(task.get_coro(), "__name__", "") == "_shutdown_watcher"
    ]
    for task in watchers:
        task.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)


def _noting(app: ASGIApp, running: ToolServer) -> ASGIApp:
    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            running.requests.append(
                {name.decode(): value.decode() for name, value in scope["headers"]}
            )
        await app(scope, receive, send)

    return noted
