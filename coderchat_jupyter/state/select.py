"""What a view or a caller asks of a state. Nothing here is stored; all is derived."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Any, Final, Literal, TypeAlias

from coderchat_jupyter.state.chat_state import ChatState, Link
from coderchat_jupyter.state.history import is_prompt
from coderchat_jupyter.state.partial_json import partial_json
from coderchat_jupyter.state.preview import (
    NO_PREVIEW,
    Preview,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.wire.chats import SETTLED_STATUSES
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.messages import Message, QueuedMessage, Usage
from coderchat_jupyter.wire.parts import TextPart, ToolResultPart

__all__ = [
    "ToolStatus",
    "Turn",
    "TurnStatus",
    "answer_text",
    "is_answered",
    "is_busy",
    "is_idle",
    "is_prompt",
    "latest_answer",
    "message_id_of",
    "message_text",
    "needs_chat",
    "needs_notice",
    "needs_page",
    "tool_args",
    "tool_status",
    "turn_from",
    "turns",
    "usage_of",
]

TurnStatus: TypeAlias = Literal["running", "done", "failed"]
ToolStatus: TypeAlias = Literal["running", "completed", "error"]

_BY_ID: Final = attrgetter("id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A user message and all that came of it.

    Attributes:
        prompt: The user message.
        answer: The stored messages after it, up to the next user message.
        preview: What is being written now; empty unless this is the last turn.
        status: `failed` only for the last turn, and with `error`.
        error: Why it failed.
    """

    prompt: Message
    answer: tuple[Message, ...] = ()
    preview: Preview = NO_PREVIEW
    status: TurnStatus = "done"
    error: ChatError | None = None


def is_busy(state: ChatState) -> bool:
    """Something runs. A status that we do not know is one of a newer server."""
    return state.status is not None and state.status not in SETTLED_STATUSES


def is_idle(state: ChatState) -> bool:
    """Nothing runs and nothing is going to run by itself.

    A queue behind an error waits until someone promotes its head.
    """
    if state.status is None or is_busy(state):
        return False
    return not state.queue or state.status == "error"


def is_answered(state: ChatState) -> bool:
    """The last turn ends with a message that is no question to a tool.

    An idle chat that is not answered was stopped early, has failed, or is of a server
    whose last message comes after its last status.
    """
    if not state.messages:
        return True
    last = state.messages[-1]
    if last.role != "assistant":
        return False
    return not any(part.type == "tool-call" for part in last.content)


def turns(state: ChatState) -> tuple[Turn, ...]:
    """The conversation by turns, oldest first, without what precedes the first."""
    starts = [i for i, m in enumerate(state.messages) if is_prompt(m)]
    borders = [*starts, len(state.messages)]
    return tuple(_turn(state, start, end) for start, end in pairwise(borders))


def turn_from(state: ChatState, user_message_id: int) -> Turn | None:
    """The turn that a user message began; None if it is not there (any more)."""
    messages = state.messages
    # Asked at each frame; a chat may have thousands of messages.
    start = bisect_left(messages, user_message_id, key=_BY_ID)
    if start == len(messages) or messages[start].id != user_message_id:
        return None
    if not is_prompt(messages[start]):
        return None
    later = range(start + 1, len(messages))
    end = next((i for i in later if is_prompt(messages[i])), len(messages))
    return _turn(state, start, end)


def message_id_of(state: ChatState, queued_id: int) -> int | None:
    """Which stored message a queued one became; None while it waits or if withdrawn."""
    return dict(state.promoted).get(queued_id)


def answer_text(turn: Turn) -> str:
    """The prose of an answer, the part that is being written included."""
    stored = [message_text(m) for m in turn.answer if m.role == "assistant"]
    blocks = turn.preview.blocks
    written = [str(block.text) for block in blocks if isinstance(block, TextBlock)]
    return "\n\n".join(text for text in (*stored, *written) if text.strip())


def latest_answer(state: ChatState) -> str:
    """The prose of the last turn; empty before there is one."""
    messages = state.messages
    for start in range(len(messages) - 1, -1, -1):
        if is_prompt(messages[start]):
            return answer_text(_turn(state, start, len(messages)))
    return ""


def message_text(message: Message | QueuedMessage) -> str:
    """The prose of a message. Newer servers cut an interrupted one into pieces."""
    return "".join(part.text for part in message.content if isinstance(part, TextPart))


def usage_of(turn: Turn) -> Usage | None:
    """Tokens of all model calls of a turn; None if no call told them."""
    told = [message.usage for message in turn.answer if message.usage is not None]
    if not told:
        return None
    limits = [usage.context_limit for usage in told if usage.context_limit]
    return Usage(
        **{name: _sum([getattr(usage, name) for usage in told]) for name in _TOKENS},
        context_limit=limits[-1] if limits else None,
    )


def tool_args(block: ToolBlock) -> Any:
    """The arguments of a call as far as they can be told."""
    if block.has_args or not block.args_text:
        return block.args
    return partial_json(str(block.args_text))


def tool_status(
    block: ToolBlock | ToolResultPart | None, *, is_active: bool = True
) -> ToolStatus:
    """How a tool does.

    Args:
        block: A block of a preview, or the stored result of a call if there is one.
        is_active: The turn runs still; else a call without a result has ended.
    """
    if block is None:
        return "running" if is_active else "completed"
    has_result = block.has_result if isinstance(block, ToolBlock) else True
    if block.is_error or _names_error(block.result):
        return "error"
    return "completed" if has_result or not is_active else "running"


def needs_chat(state: ChatState) -> bool:
    """The reason of a failure is missing: only the chat itself tells it."""
    return state.status == "error" and state.error is None


def needs_notice(state: ChatState, link: Link) -> bool:
    """Whether a reader has to know how the connection does.

    While nothing was under way it comes back in silence; an error stays in view.
    """
    if link.phase != "reconnecting":
        return link.phase == "failed"
    is_under_way = is_busy(state) or bool(state.preview) or state.retry is not None
    return is_under_way and state.error is None


def needs_page(state: ChatState) -> bool:
    """Messages have to be fetched again: an edit, or an event that was unreadable."""
    return state.stale_history


_TOKENS = tuple(name for name in Usage.model_fields if name != "context_limit")

# A sub-agent's report may quote an error and still be a success.
_REPORTED = frozenset({"completed", "reported"})


def _turn(state: ChatState, start: int, end: int) -> Turn:
    prompt, answer = state.messages[start], state.messages[start + 1 : end]
    if end < len(state.messages):
        return Turn(prompt=prompt, answer=answer)
    if is_busy(state):
        status: TurnStatus = "running"
    else:
        status = "failed" if state.status == "error" else "done"
    return Turn(
        prompt=prompt,
        answer=answer,
        preview=state.preview,
        status=status,
        error=state.error,
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _names_error(result: Any) -> bool:
    if not isinstance(result, dict) or not result.get("error"):
        return False
    return result.get("status") not in _REPORTED
