"""Which tools a chat offers to its model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from coderchat_jupyter.server.engine.dynamic_tools import dynamic_specs
from coderchat_jupyter.server.engine.plan_tools import PLAN_MODE, PLAN_TOOLS
from coderchat_jupyter.server.engine.tools import ServerTool, Toolset
from coderchat_jupyter.server.engine.workspace_tools import WORKSPACE_TOOLS
from coderchat_jupyter.server.storage.rows import ChatRow

__all__ = ["toolset_of"]

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


def toolset_of(chat: ChatRow, subagents: Mapping[str, ServerTool]) -> Toolset:
    """The tools of a chat, in the order they are offered.

    Args:
        chat: The chat: the first of its family or a child, planning or not.
        subagents: The tools that make and mind children.
    """
    known = {**WORKSPACE_TOOLS, **PLAN_TOOLS, **subagents}
    planning = chat.plan_mode == PLAN_MODE
    names = _names(chat, planning=planning)
    offered = {name: known[name] for name in names if name in known}
    if planning or chat.parent_chat_id is not None:
        return Toolset(offered)
    return Toolset(offered, dynamic_specs(chat))


def _names(chat: ChatRow, *, planning: bool) -> Iterable[str]:
    if chat.parent_chat_id is None:
        return _PLANNING if planning else _ROOT
    return _READER if planning or chat.subagent_type == "explore" else _WORKER
