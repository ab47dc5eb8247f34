"""Tools of plan mode: ask the user, propose a plan. Both end the turn."""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.server.engine.schemas import (
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
from coderchat_jupyter.server.engine.workspace_tools import NO_WORKSPACE
from coderchat_jupyter.server.providers._protocol import ToolSpec

__all__ = ["PLAN_MODE", "PLAN_PROMPT", "PLAN_TOOLS"]

PLAN_MODE: Final = "plan"

PLAN_PROMPT: Final = (
    "You are in plan mode. Find out what is needed and write a plan; change nothing "
    "but the file of the plan. Ask the user with ask_user_question where a decision "
    "is theirs, and hand the plan over with propose_plan. Either ends your turn."
)

_OPTIONS: Final = range(2, 5)


class _AskUser:
    """Questions for the user, each with a few answers to choose from.

    The client shows them; what the user chooses comes as an ordinary message.
    """

    spec = ToolSpec(
        "ask_user_question",
        "Ask the user one or more questions, each with two to four options to choose "
        "from. The turn ends; the answer is the user's next message.",
        structured(
            "questions",
            questions=listed(
                structured(
                    "header",
                    "question",
                    "options",
                    header=STRING,
                    question=STRING,
                    options=listed(
                        structured(
                            "label", "description", label=STRING, description=STRING
                        )
                    ),
                )
            ),
        ),
    )

    async def run(self, args: Any, context: ToolContext) -> Outcome:
        if fault := type_fault(args, self.spec.parameters):
            return failed(f"invalid parameters: {fault}")
        questions = (args or {}).get("questions")
        if not questions:
            return failed("questions is required")
        for number, question in enumerate(questions):
            if fault := _fault(question):
                return failed(f"questions[{number}].{fault}")
        return Outcome({"questions": questions}, ends_turn=True)


def _fault(question: Any) -> str | None:
    question = question or {}
    for name in ("header", "question"):
        if not (question.get(name) or "").strip():
            return f"{name} is required"
    options = question.get("options") or []
    if len(options) not in _OPTIONS:
        return "options must have 2 to 4 entries"
    if any(not ((option or {}).get("label") or "").strip() for option in options):
        return "options: every label is required"
    return None


class _ProposePlan:
    """A plan lies in a file of the workspace, and there is none."""

    spec = ToolSpec(
        "propose_plan",
        "Hand the plan in a file of the workspace over to the user.",
        structured("path", path=STRING),
    )

    async def run(self, args: Any, context: ToolContext) -> Outcome:
        if fault := type_fault(args, self.spec.parameters):
            return failed(f"invalid parameters: {fault}")
        return failed(f"resolve chat-specific plan path: {NO_WORKSPACE}")


PLAN_TOOLS: Final[dict[str, ServerTool]] = {
    tool.spec.name: tool for tool in (_AskUser(), _ProposePlan())
}
