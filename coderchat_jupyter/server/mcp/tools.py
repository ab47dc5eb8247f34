"""The tools that a turn may use of other servers, and the end of all connections."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr

from coderchat_jupyter.server.engine.tools import (
    Outcome,
    ServerTool,
    ToolContext,
    failed,
)
from coderchat_jupyter.server.mcp.connection import (
    Connection,
    RefusedError,
    RemoteTool,
    Target,
    ToolServerError,
)
from coderchat_jupyter.server.mcp.limits import Limits
from coderchat_jupyter.server.mcp.names import (
    arguments_of,
    free_name,
    is_allowed,
    public_name,
    spec_of,
)
from coderchat_jupyter.server.mcp.results import outcome_of
from coderchat_jupyter.server.providers._protocol import ToolSpec
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.mcp_secrets import headers_of
from coderchat_jupyter.server.storage.mcp_servers import servers_for_turn
from coderchat_jupyter.server.storage.rows import ChatRow, McpServerRow
from coderchat_jupyter.server.storage.sealing import SealingError

__all__ = ["LentTools", "ToolServers"]

_log = logging.getLogger(__name__)

_PLAN_MODE: Final = "plan"


@dataclass(frozen=True, slots=True)
class LentTools:
    """What a turn may use.

    Attributes:
        tools: By the names models call them, sorted.
        lent_by: By the same names, the ids of their servers.
    """

    tools: dict[str, ServerTool] = field(default_factory=dict)
    lent_by: dict[str, str] = field(default_factory=dict)


class ToolServers:
    """Opens connections for turns, and sees to it that every one of them ends.

    Attributes:
        limits: Of connections opened from now on.
    """

    def __init__(self, database: Database, limits: Limits | None = None) -> None:
        self._database = database
        self.limits = limits or Limits()
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def lend(self, chat: ChatRow) -> AsyncIterator[LentTools]:
        """Connect to the servers of a chat, as long as the block lasts.

        A server that cannot be used is missing, and a warning is logged.
        """
        rows = await self._rows(chat)
        opened = [(row, self._connect(row, chat)) for row in rows]
        try:
            yield await self._tools(opened)
        finally:
            for _, connection in opened:
                if connection is not None:
                    connection.close()

    async def aclose(self) -> None:
        """Wait until every connection is closed, not long."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self.limits.close_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _rows(self, chat: ChatRow) -> Sequence[McpServerRow]:
        is_child = chat.parent_chat_id is not None
        planning = chat.plan_mode == _PLAN_MODE
        if chat.subagent_type == "explore" or (planning and is_child):
            return ()
        async with self._database.read() as connection:
            rows = await servers_for_turn(connection, chat.mcp_server_ids)
        return [row for row in rows if row.allow_in_plan_mode or not planning]

    def _connect(self, row: McpServerRow, chat: ChatRow) -> Connection | None:
        try:
            headers = headers_of(row, self._database.sealer)
        except (SealingError, ValueError):
            _warn(row, "its secrets cannot be read any more")
            return None
        if row.forward_coder_headers:
            set_here = {name.lower() for name in headers}
            told = _identity(chat).items()
            headers |= {k: SecretStr(v) for k, v in told if k.lower() not in set_here}
        target = Target(row.url, row.transport, headers)
        connection = Connection(target, self.limits, f"tool server {row.id}")
        self._tasks.add(connection.task)
        connection.task.add_done_callback(self._tasks.discard)
        return connection

    async def _tools(
        self, opened: Iterable[tuple[McpServerRow, Connection | None]]
    ) -> LentTools:
        ready = [(row, connection) for row, connection in opened if connection]
        answers = await asyncio.gather(
            *(connection.tools() for _, connection in ready), return_exceptions=True
        )
        found: list[tuple[str, McpServerRow, Connection, RemoteTool]] = []
        for (row, connection), tools in zip(ready, answers, strict=True):
            if isinstance(tools, RefusedError):
                _warn(row, "it answered with an error")
            elif isinstance(tools, ToolServerError):
                _warn(row, str(tools))
            elif isinstance(tools, BaseException):
                raise tools
            else:
                found += (
                    (public_name(row.slug, tool.name), row, connection, tool)
                    for tool in tools
                    if is_allowed(tool.name, row)
                )
        found.sort(key=lambda entry: (entry[0], entry[1].id))
        lent = LentTools()
        for wanted, row, connection, tool in found:
            if len(lent.tools) >= self.limits.tools:
                _warn(row, "there are too many tools")
                break
            name = free_name(wanted, lent.tools.keys())
            spec = spec_of(
                name,
                tool.description,
                tool.schema,
                self.limits,
                with_intent=row.model_intent,
            )
            if spec is None:
                _warn(row, "the arguments of a tool cannot be told")
                continue
            lent.tools[name] = _Lent(
                spec, tool.name, connection, self.limits, with_intent=row.model_intent
            )
            lent.lent_by[name] = row.id
        return lent


class _Lent(ServerTool):
    """A tool of another server."""

    def __init__(
        self,
        spec: ToolSpec,
        name: str,
        connection: Connection,
        limits: Limits,
        *,
        with_intent: bool,
    ) -> None:
        self._spec = spec
        self._name = name
        self._connection = connection
        self._limits = limits
        self._with_intent = with_intent

    @property
    def spec(self) -> ToolSpec:
        return self._spec

    async def run(self, args: Any, context: ToolContext) -> Outcome:
        """Have the server do it; see `ServerTool.run`."""
        if not isinstance(args, dict | None):
            return failed("invalid parameters: the arguments must be of type object")
        wanted = arguments_of(args or {}, with_intent=self._with_intent)
        try:
            answer = await self._connection.call(self._name, wanted)
        except ToolServerError as error:
            refusal = {"content": [{"type": "text", "text": str(error)}]}
            return outcome_of({**refusal, "isError": True}, self._limits)
        return outcome_of(answer, self._limits)


def _identity(chat: ChatRow) -> dict[str, str]:
    """Whose chat calls, for servers that are to know."""
    root = chat.root_chat_id or chat.parent_chat_id
    told = {"X-Coder-Owner-Id": chat.owner_id, "X-Coder-Chat-Id": root or chat.id}
    return told | ({"X-Coder-Subchat-Id": chat.id} if root else {})


def _warn(row: McpServerRow, reason: str) -> None:
    # Its address is not told: there may be a key in it.
    _log.warning("the tool server %r cannot be used: %s", row.slug, reason)
