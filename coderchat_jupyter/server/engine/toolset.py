"""Which tools a chat offers to its model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from coderchat_jupyter.server.engine.advisor import (
    ADVISOR,
    GUIDANCE,
    Advisor,
    advisor_settings,
)
from coderchat_jupyter.server.engine.dynamic_tools import dynamic_specs
from coderchat_jupyter.server.engine.models import ChosenModel, Models
from coderchat_jupyter.server.engine.moves import Moves
from coderchat_jupyter.server.engine.plan_tools import PLAN_MODE, PLAN_TOOLS
from coderchat_jupyter.server.engine.silence import Silence
from coderchat_jupyter.server.engine.subagents import subagent_tools
from coderchat_jupyter.server.engine.tools import ServerTool, Toolset
from coderchat_jupyter.server.engine.workspace_tools import WORKSPACE_TOOLS
from coderchat_jupyter.server.mcp.tools import LentTools, ToolServers
from coderchat_jupyter.server.storage.rows import ChatRow

__all__ = ["Toolbox", "toolset_of"]

_FILES: Final = ("read_file", "write_file", "edit_files", "attach_file")
_COMMANDS: Final = ("execute", "process_output")
_PROCESSES: Final = ("process_list", "process_signal")
_TEMPLATES: Final = (
    "list_templates",
    "read_template",
    "create_workspace",
    "start_workspace",
    "stop_workspace",
)
_ROOT: Final = (
    *_FILES,
    *_COMMANDS,
    *_PROCESSES,
    *_TEMPLATES,
    "spawn_agent",
    "wait_agent",
    "message_agent",
    "close_agent",
)
_PLANNING: Final = (
    *_FILES,
    *_COMMANDS,
    "ask_user_question",
    *_TEMPLATES,
    "propose_plan",
    "spawn_agent",
    "wait_agent",
)
_WORKER: Final = (*_FILES, *_COMMANDS, *_PROCESSES)
_READER: Final = ("read_file", *_COMMANDS)


class Toolbox:
    """Hands every turn its tools, and takes them back.

    Attributes:
        servers: Lend tools to chats.
    """

    def __init__(self, moves: Moves, models: Models, silence: Silence) -> None:
        self._moves = moves
        self._models = models
        self._silence = silence
        self._subagents = subagent_tools(moves)
        self.servers = ToolServers(moves.database)

    @asynccontextmanager
    async def open(self, chat: ChatRow, model: ChosenModel) -> AsyncIterator[Toolset]:
        """The tools of a turn, as long as the block lasts."""
        async with self._moves.database.read() as connection:
            advised = await advisor_settings(connection, chat)
        advisor = (
            Advisor(
                advised,
                chat,
                model,
                self._models,
                self._moves.database,
                self._silence,
            )
            if advised
            else None
        )
        async with self.servers.lend(chat) as lent:
            yield toolset_of(chat, self._subagents, lent, advisor)

    async def aclose(self) -> None:
        """End what is still open between turns."""
        await self.servers.aclose()


def toolset_of(
    chat: ChatRow,
    subagents: Mapping[str, ServerTool],
    lent: LentTools,
    advisor: ServerTool | None = None,
) -> Toolset:
    """The tools of a chat, in the order they are offered.

    Args:
        chat: The chat: the first of its family or a child, planning or not.
        subagents: The tools that make and mind children.
        lent: The tools of other servers.
        advisor: The tool that asks for advice, if there is one.
    """
    known = {**WORKSPACE_TOOLS, **PLAN_TOOLS, **subagents}
    planning = chat.plan_mode == PLAN_MODE
    names = _names(chat, planning=planning)
    own = {name: known[name] for name in names if name in known}
    if advisor is not None:
        own[ADVISOR] = advisor
    is_plain = not planning and chat.parent_chat_id is None
    return Toolset(
        own | {name: tool for name, tool in lent.tools.items() if name not in own},
        dynamic_specs(chat) if is_plain else (),
        lent_by={name: by for name, by in lent.lent_by.items() if name not in own},
        alone=frozenset({ADVISOR} & own.keys()),
        guidance=(GUIDANCE,) if ADVISOR in own else (),
    )


def _names(chat: ChatRow, *, planning: bool) -> Iterable[str]:
    if chat.parent_chat_id is None:
        return _PLANNING if planning else _ROOT
    return _READER if planning or chat.subagent_type == "explore" else _WORKER
