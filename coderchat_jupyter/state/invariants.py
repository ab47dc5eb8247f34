"""What holds for every state, whatever a server says. Checked by tests and in debug."""

from __future__ import annotations

from itertools import pairwise

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.history import result_ids, tail
from coderchat_jupyter.state.preview import (
    Preview,
    ReasoningBlock,
    SourcesBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.wire.chats import SETTLED_STATUSES
from coderchat_jupyter.wire.messages import Message

__all__ = ["broken_rules"]


def broken_rules(state: ChatState) -> tuple[str, ...]:
    """The rules that a state breaks, each as a sentence; none if it is sound."""
    checks = {
        "Messages ascend by id, each once.": _ascends(state.messages),
        "A replacement ascends by id, each once.": _ascends(state.replacement or ()),
        "A reason of failure belongs to the status error.": state.error is None
        or state.status == "error",
        "Actions belong to a chat that is busy.": not state.actions
        or state.status not in SETTLED_STATUSES,
        "Pieces of one kind are one block.": _is_merged(state.preview),
        "A block of text says something.": _is_said(state.preview),
        "A call has one block.": _are_single(state.preview),
        "A page is cited once.": _is_cited_once(state.preview),
        "A stored result is not previewed.": _is_not_stored(state),
        "Each kind of unknown event is counted once.": len(dict(state.unknown))
        == len(state.unknown),
    }
    return tuple(rule for rule, holds in checks.items() if not holds)


def _ascends(messages: tuple[Message, ...]) -> bool:
    return all(a.id < b.id for a, b in pairwise(messages))


def _is_merged(preview: Preview) -> bool:
    kinds = [block.kind for block in preview.blocks]
    return not any(
        a == b and a in ("text", "reasoning", "sources") for a, b in pairwise(kinds)
    )


def _is_said(preview: Preview) -> bool:
    return not any(
        isinstance(block, TextBlock | ReasoningBlock) and block.text.is_blank
        for block in preview.blocks
    )


def _are_single(preview: Preview) -> bool:
    ids = [b.tool_call_id for b in preview.blocks if isinstance(b, ToolBlock)]
    return len(set(ids)) == len(ids)


def _is_cited_once(preview: Preview) -> bool:
    cited = [
        source.url
        for block in preview.blocks
        if isinstance(block, SourcesBlock)
        for source in block.sources
    ]
    return len(set(cited)) == len(cited)


def _is_not_stored(state: ChatState) -> bool:
    stored = result_ids(tail(state.messages))
    return not any(
        isinstance(block, ToolBlock)
        and block.from_result
        and block.tool_call_id in stored
        for block in state.preview.blocks
    )
