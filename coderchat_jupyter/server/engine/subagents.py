"""Tools by which a model hands work to children, one level deep."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from coderchat_jupyter.server.engine.families import (
    close_child,
    message_child,
    report_of,
    spawn_child,
)
from coderchat_jupyter.server.engine.limits import check_owner
from coderchat_jupyter.server.engine.moves import Moves
from coderchat_jupyter.server.engine.preferences import model_for
from coderchat_jupyter.server.engine.schemas import (
    BOOLEAN,
    INTEGER,
    STRING,
    structured,
    type_fault,
)
from coderchat_jupyter.server.engine.tools import (
    Outcome,
    ServerTool,
    ToolContext,
    failed,
)
from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.providers._protocol import ToolSpec
from coderchat_jupyter.server.storage import chats
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["subagent_tools"]

_KINDS: Final = ("general", "explore")
_WAIT_SECONDS: Final = 300
_NO_DESCENDANT: Final = "target chat is not a descendant of current chat"


def subagent_tools(moves: Moves) -> Mapping[str, ServerTool]:
    """The tools of a chat that may have children."""
    tools: tuple[ServerTool, ...] = (
        _Spawn(moves),
        _Wait(moves),
        _Message(moves),
        _Close(moves),
    )
    return {tool.spec.name: tool for tool in tools}


class _ToolError(Exception):
    """The model asked for what cannot be done; the text is for it to read."""


class _Tool:
    """Reads arguments, and tells the model what it did wrong."""

    spec: ToolSpec

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    async def run(self, args: Any, context: ToolContext) -> Outcome:
        """Do it; see `ServerTool.run`."""
        if fault := type_fault(args, self.spec.parameters):
            return failed(f"invalid parameters: {fault}")
        try:
            return await self._do(args or {}, context)
        except _ToolError as error:
            return failed(str(error))
        except RequestError as error:
            return failed(str(error))

    async def _do(self, args: dict[str, Any], context: ToolContext) -> Outcome:
        raise NotImplementedError

    async def _child(self, args: dict[str, Any], context: ToolContext) -> ChatRow:
        """The child that is meant."""
        try:
            child_id = str(UUID(args.get("chat_id") or ""))
        except ValueError:
            raise _ToolError("chat_id must be a valid UUID") from None
        async with self._moves.database.read() as connection:
            child = await chats.get_chat(connection, child_id)
        if child is None or child.parent_chat_id != context.chat.id:
            raise _ToolError(_NO_DESCENDANT)
        return child


class _Spawn(_Tool):
    spec = ToolSpec(
        "spawn_agent",
        "Hand a piece of work to a new agent with a conversation of its own. It "
        "knows nothing but the prompt. Types: general (may do what you may) and "
        "explore (only looks things up). Returns at once with its chat_id; wait for "
        "it with wait_agent.",
        structured("type", "prompt", type=STRING, prompt=STRING, title=STRING),
    )

    async def _do(self, args: dict[str, Any], context: ToolContext) -> Outcome:
        kind = (args.get("type") or "").strip()
        if kind == "computer_use":
            raise _ToolError('subagent type "computer_use" is unavailable')
        if kind not in _KINDS:
            raise _ToolError(f"type must be one of: {', '.join(_KINDS)}")
        prompt = (args.get("prompt") or "").strip()
        if not prompt:
            raise _ToolError("prompt is required")
        async with self._moves.database.read() as connection:
            await check_owner(connection, context.chat, self._moves.clock())
            chosen = await model_for(connection, context.chat.owner_id, kind)
        child = await spawn_child(
            self._moves,
            context.chat,
            kind,
            prompt,
            title=(args.get("title") or "").strip(),
            model_config_id=chosen or context.model_config_id,
        )
        return _outcome(child)


class _Wait(_Tool):
    spec = ToolSpec(
        "wait_agent",
        "Wait until an agent that you spawned has finished, and get its report.",
        structured("chat_id", chat_id=STRING, timeout_seconds=INTEGER),
    )

    async def _do(self, args: dict[str, Any], context: ToolContext) -> Outcome:
        child = await self._child(args, context)
        kind = child.subagent_type
        context.if_cut = failed("context canceled", type=kind)
        seconds = args.get("timeout_seconds") or 0
        try:
            async with asyncio.timeout(seconds if seconds > 0 else _WAIT_SECONDS):
                child = await self._moves.rested(child.id)
        except TimeoutError:
            late = "timed out waiting for delegated subagent completion"
            return failed(late, type=kind)
        if child.status == "error":
            return failed("agent reached error status", type=kind)
        return _outcome(child, report=await report_of(self._moves, child.id))


class _Message(_Tool):
    spec = ToolSpec(
        "message_agent",
        "Send a message to an agent that you spawned. It waits for the agent's turn "
        "to end, unless you interrupt.",
        structured(
            "chat_id", "message", chat_id=STRING, message=STRING, interrupt=BOOLEAN
        ),
    )

    async def _do(self, args: dict[str, Any], context: ToolContext) -> Outcome:
        child = await self._child(args, context)
        text = (args.get("message") or "").strip()
        if not text:
            raise _ToolError("message is required")
        interrupting = bool(args.get("interrupt"))
        child = await message_child(
            self._moves, child.id, text, interrupting=interrupting
        )
        return _outcome(child, interrupted=interrupting)


class _Close(_Tool):
    spec = ToolSpec(
        "close_agent",
        "Stop an agent that you spawned.",
        structured("chat_id", chat_id=STRING),
    )

    async def _do(self, args: dict[str, Any], context: ToolContext) -> Outcome:
        child = await self._child(args, context)
        child = await close_child(self._moves, ChatId(child.id))
        return _outcome(child, terminated=True)


def _outcome(child: ChatRow, **more: object) -> Outcome:
    """What became of a child."""
    return Outcome(
        {
            "chat_id": child.id,
            "status": child.status,
            "title": child.title,
            "type": child.subagent_type,
            **more,
        }
    )
