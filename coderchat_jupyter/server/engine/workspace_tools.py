"""Tools for a workspace: offered in every chat, answered as where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from coderchat_jupyter.server.engine.schemas import (
    BOOLEAN,
    INTEGER,
    STRING,
    listed,
    structured,
    type_fault,
)
from coderchat_jupyter.server.engine.tools import (
    Outcome,
    ServerTool,
    ToolContext,
    failed,
)
from coderchat_jupyter.server.providers._protocol import ToolSpec

__all__ = ["NO_WORKSPACE", "WORKSPACE_TOOLS"]

NO_WORKSPACE: Final = (
    "no workspace is associated with this chat. "
    "Use the create_workspace tool to create one"
)
_NONE_TO_CHANGE: Final = "chat has no workspace; use create_workspace first"
_NO_TEMPLATE: Final = "template not found"

_Answer: TypeAlias = Callable[[Any], Outcome]


@dataclass(frozen=True, slots=True)
class _Constant:
    """A tool whose answer does not depend on the chat."""

    spec: ToolSpec
    answer: _Answer

    async def run(self, args: Any, context: ToolContext) -> Outcome:
        """Answer, if the arguments have their types."""
        if fault := type_fault(args, self.spec.parameters):
            return failed(f"invalid parameters: {fault}")
        return self.answer(args)


def _absent(_: Any) -> Outcome:
    return failed(NO_WORKSPACE)


def _idle(_: Any) -> Outcome:
    return failed(_NONE_TO_CHANGE)


def _unknown_template(_: Any) -> Outcome:
    return failed(_NO_TEMPLATE)


def _no_templates(args: Any) -> Outcome:
    page = (args or {}).get("page") or 1
    found: dict[str, object] = {
        "count": 0,
        "page": max(page, 1),
        "templates": [],
        "total_count": 0,
        "total_pages": 1,
    }
    return Outcome(found)


_EDIT: Final = structured(
    "old_text", "new_text", old_text=STRING, new_text=STRING, replace_all=BOOLEAN
)
_VALUES: Final = structured(**{"*": STRING})

_TABLE: Final[tuple[tuple[str, str, dict[str, object], _Answer], ...]] = (
    (
        "read_file",
        "Read lines of a file in the workspace.",
        structured("path", path=STRING, offset=INTEGER, limit=INTEGER),
        _absent,
    ),
    (
        "write_file",
        "Write a file in the workspace.",
        structured("path", "content", path=STRING, content=STRING),
        _absent,
    ),
    (
        "edit_files",
        "Replace pieces of text in files of the workspace.",
        structured(
            "files",
            files=listed(
                structured("path", "edits", path=STRING, edits=listed(_EDIT)),
            ),
        ),
        _absent,
    ),
    (
        "attach_file",
        "Attach a file of the workspace to the conversation, for the user.",
        structured("path", path=STRING, name=STRING),
        _absent,
    ),
    (
        "execute",
        "Run a shell command in the workspace.",
        structured(
            "command",
            command=STRING,
            model_intent=STRING,
            timeout=STRING,
            run_in_background=BOOLEAN,
            workdir=STRING,
        ),
        _absent,
    ),
    (
        "process_output",
        "Read what a process in the background has printed.",
        structured("process_id", process_id=STRING, wait_timeout=STRING),
        _absent,
    ),
    ("process_list", "List the processes in the background.", structured(), _absent),
    (
        "process_signal",
        "Send a signal to a process in the background.",
        structured("process_id", "signal", process_id=STRING, signal=STRING),
        _absent,
    ),
    (
        "list_templates",
        "List the templates that workspaces are made from.",
        structured(query=STRING, page=INTEGER),
        _no_templates,
    ),
    (
        "read_template",
        "Read what a template of workspaces needs.",
        structured("template_id", template_id=STRING),
        _unknown_template,
    ),
    (
        "create_workspace",
        "Make a workspace for this conversation from a template.",
        structured(
            "template_id",
            template_id=STRING,
            name=STRING,
            preset_id=STRING,
            parameters=_VALUES,
        ),
        _unknown_template,
    ),
    (
        "start_workspace",
        "Start the workspace of this conversation.",
        structured(parameters=_VALUES),
        _idle,
    ),
    (
        "stop_workspace",
        "Stop the workspace of this conversation.",
        structured(),
        _idle,
    ),
)

WORKSPACE_TOOLS: Final[dict[str, ServerTool]] = {
    name: _Constant(ToolSpec(name, description, parameters), answer)
    for name, description, parameters, answer in _TABLE
}
