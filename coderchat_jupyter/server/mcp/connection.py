"""One tool server, for as long as a turn lasts."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from coderchat_jupyter.server.mcp.limits import Limits
from coderchat_jupyter.server.package import PACKAGE_NAME, package_version

if TYPE_CHECKING:
    import httpx2
    from mcp.client.client import Client

__all__ = [
    "Connection",
    "RefusedError",
    "RemoteTool",
    "Target",
    "ToolServerError",
]

_MAX_PAGES: Final = 20
_LOST: Final = "the connection to the tool server is lost"
_NOT_INSTALLED: Final = "the extra `mcp` of coderchat-jupyter is not installed"


class ToolServerError(Exception):
    """A tool server does not do what it should; the text holds nothing of it."""


class RefusedError(ToolServerError):
    """A tool server answered a call with an error of its own."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a tool server is. Its repr shows no header."""

    url: str = field(repr=False)
    transport: str
    headers: Mapping[str, SecretStr] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RemoteTool:
    """A tool, as its server tells of it."""

    name: str
    description: str
    schema: object


class Connection:
    """Speaks with one tool server.

    All that the SDK starts lives in a task of this object: should it break, only this
    connection ends, and not who uses it.

    Attributes:
        task: Ends when the connection is closed, and all that belongs to it.
    """

    def __init__(self, target: Target, limits: Limits, name: str) -> None:
        self._target = target
        self._limits = limits
        self._closing = asyncio.Event()
        self._client: Client | None = None
        loop = asyncio.get_running_loop()
        self._tools: asyncio.Future[list[RemoteTool]] = loop.create_future()
        self.task = asyncio.create_task(self._live(), name=name)

    async def tools(self) -> list[RemoteTool]:
        """Its tools, as soon as they are known.

        Raises:
            ToolServerError: It cannot be reached, is too slow or says nonsense.
        """
        return await asyncio.shield(self._tools)

    async def call(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        """Call a tool; a `CallToolResult` of the protocol as JSON.

        Cancelled, it tells the server so.

        Raises:
            RefusedError: The server refuses the call. The text is its own.
            ToolServerError: No answer came.
        """
        if self._client is None or self._closing.is_set():
            raise ToolServerError(_LOST)
        calling = asyncio.create_task(
            _call(self._client, name, args), name=f"call of {name[:64]!r}"
        )
        try:
            async with asyncio.timeout(self._limits.call_seconds):
                await asyncio.wait(
                    {calling, self.task}, return_when=asyncio.FIRST_COMPLETED
                )
            if not calling.done():
                raise ToolServerError(_LOST)
            return calling.result()
        except TimeoutError:
            seconds = f"{self._limits.call_seconds:g}"
            msg = f"the tool did not answer within {seconds} seconds"
            raise ToolServerError(msg) from None
        except ToolServerError:
            raise
        except Exception as error:  # noqa: BLE001  whatever the SDK makes of it
            if self._client is None or self._closing.is_set():
                raise ToolServerError(_LOST) from None
            raise _told(error) from None
        finally:
            calling.cancel()
            await asyncio.wait({calling})

    def close(self) -> None:
        """Take leave, and soon be gone; `task` says when."""
        self._closing.set()
        if not self._tools.done():
            self.task.cancel()
        loop = asyncio.get_running_loop()
        late = loop.call_later(self._limits.close_seconds, self.task.cancel)
        self.task.add_done_callback(lambda _: late.cancel())

    async def _live(self) -> None:
        """Open, wait for the end, close. Raises nothing, and tells `_tools` why."""
        reason: ToolServerError | None = None
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._limits.connect_seconds):
                    self._client = await self._enter(stack)
                    tools = await _list(self._client, self._limits)
                self._tools.set_result(tools)
                await self._closing.wait()
        except TimeoutError:
            reason = ToolServerError("it did not answer in time")
        except asyncio.CancelledError:
            reason = ToolServerError("the connection was given up")
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            reason = _told(error)
        finally:
            self._client = None
            if not self._tools.done():
                self._tools.set_exception(reason or ToolServerError("it went away"))
                # Nobody may be waiting any more.
                self._tools.exception()

    async def _enter(self, stack: AsyncExitStack) -> Client:
        try:
            # The first time this takes a second, in which others must go on.
            sdk = await asyncio.to_thread(importlib.import_module, "mcp.client.client")
        except ImportError:
            raise ToolServerError(_NOT_INSTALLED) from None
        # It logs what servers say.
        logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)
        from mcp.client.sse import sse_client
        from mcp.client.streamable_http import streamable_http_client
        from mcp_types import Implementation

        from coderchat_jupyter.server.mcp._http import new_http_client, ssl_context

        target, limits = self._target, self._limits
        context = await ssl_context(target.url)

        def client(
            headers: dict[str, str] | None = None,
            timeout: httpx2.Timeout | None = None,
            auth: httpx2.Auth | None = None,
        ) -> httpx2.AsyncClient:
            return new_http_client(target.headers, limits, context)

        if target.transport == "sse":
            transport = sse_client(target.url, httpx_client_factory=client)
        else:
            http = await stack.enter_async_context(client())
            transport = streamable_http_client(
                target.url, http_client=http, max_sse_event_size=limits.answer_bytes
            )
        opened: Client = await stack.enter_async_context(
            sdk.Client(
                transport,
                client_info=Implementation(
                    name=PACKAGE_NAME, version=package_version()
                ),
                cache=None,
            )
        )
        return opened


async def _list(client: Client, limits: Limits) -> list[RemoteTool]:
    found: list[RemoteTool] = []
    cursor: str | None = None
    for _ in range(_MAX_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += (
            RemoteTool(tool.name, tool.description or "", tool.input_schema)
            for tool in page.tools
        )
        cursor = page.next_cursor
        if cursor is None or len(found) >= limits.tools:
            break
    return found


async def _call(client: Client, name: str, args: dict[str, Any]) -> dict[str, Any]:
    from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult

    # Not `call_tool`: that holds the answer against a schema which the server wrote,
    # in this very loop, however long that takes.
    request = CallToolRequest(params=CallToolRequestParams(name=name, arguments=args))
    answer = await client.session.send_request(request, CallToolResult)
    return answer.model_dump(by_alias=True, mode="json", exclude_none=True)


def _told(error: BaseException) -> ToolServerError:
    """What went wrong, without addresses and without what the server said."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    if isinstance(error, ToolServerError):
        return error
    with suppress(ImportError):
        import httpx2
        from mcp.shared.exceptions import MCPError

        if isinstance(error, MCPError):
            return RefusedError(error.message)
        if isinstance(error, httpx2.HTTPStatusError):
            return ToolServerError(f"it answered HTTP {error.response.status_code}")
    return ToolServerError(f"it failed with {type(error).__name__}")
