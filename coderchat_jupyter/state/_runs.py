"""Fold runs of streamed parts at once.

What a part costs is mostly the copy of the state, so one is made for a run: for all the
parts of a frame, as long as they have nothing to do but to go on with the preview.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state._fold import Blocks, append_text, fold_blocks, merge_call
from coderchat_jupyter.state._ids import NO_IDS
from coderchat_jupyter.state._parts import stored_tools
from coderchat_jupyter.state._stored_tools import StoredTools
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.preview import (
    Block,
    ReasoningBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.wire.events import Event, MessagePartEvent, StreamedPart
from coderchat_jupyter.wire.parts import (
    TOOL_PARTS,
    ReasoningPart,
    TextPart,
    ToolCallPart,
)

__all__ = ["on_parts"]

# `pending` counts in a snapshot alone; the longer way looks at that.
_BEFORE_PARTS: Final = frozenset({"pending", "waiting"})

# What pieces belong together by: a kind of text, or the names of a call.
_Run: TypeAlias = type[Any] | tuple[str, str, str | None]


def on_parts(
    state: ChatState, batch: Sequence[Event], start: int
) -> tuple[ChatState, int]:
    """Fold a run of parts that go on with what is in view.

    Args:
        state: The state so far.
        batch: The frame.
        start: Where in it to begin.

    Returns:
        The state, and the place of the first event that is not folded in.
    """
    if not _goes_on(state):
        return state, start
    if start + 1 == len(batch):
        longer = _with_one(state, batch[start])
        if longer is not None:
            return longer, start + 1
    return _with_run(state, batch, start)


def _with_run(
    state: ChatState, batch: Sequence[Event], start: int
) -> tuple[ChatState, int]:
    told, before, chat_id = state.connection, state.preview, state.chat_id
    blocks, seq, place = before.blocks, told.seq, start
    run: _Run | None = None
    stored: StoredTools | None = None
    first: Any = None
    pieces: list[str] = []
    for event in islice(batch, start, None):
        if type(event) is not MessagePartEvent or event.chat_id != chat_id:
            break
        streamed = event.message_part
        number = streamed.seq
        if number is not None and not _is_next(streamed, told.episode, seq):
            break
        part: Any = streamed.part
        # By the exact type: isinstance is most of what a small part costs.
        key: _Run | None = type(part)
        if key is TextPart or key is ReasoningPart:
            piece = part.text
        else:
            key, piece = _piece_of(part)
        if key is None or key != run:
            if type(part) in TOOL_PARTS:
                stored = stored or stored_tools(state)
                if stored.has_out_of_view(part, blocks):
                    break
            if pieces:
                blocks, pieces = _written(blocks, first, pieces), []
            run, first = key, part
        if key is None:
            blocks = fold_blocks(blocks, part)
        else:
            pieces.append(piece)
        seq = number or seq
        place += 1
    if pieces:
        blocks = _written(blocks, first, pieces)
    return _gone_on(state, blocks, seq, stored or told.stored), place


def _with_one(state: ChatState, event: Any) -> ChatState | None:
    """The state with one more part; None if there is more to it.

    Most frames are that. It comes to the same as a run of one, at half the cost.
    """
    streamed, blocks, told = event.message_part, state.preview.blocks, state.connection
    if event.chat_id != state.chat_id:
        return None
    if streamed.seq is not None and not _is_next(streamed, told.episode, told.seq):
        return None
    part: Any = streamed.part
    kind: type[Any] = type(part)
    grown, stored = _GROWN.get(kind), told.stored
    block = grown(blocks[-1], part) if grown and blocks else None
    if block is not None:
        blocks = (*blocks[:-1], block)
    else:
        if kind in TOOL_PARTS:
            stored = stored_tools(state)
            if stored.has_out_of_view(part, blocks):
                return None
        blocks = fold_blocks(blocks, part)
    return _gone_on(state, blocks, streamed.seq or told.seq, stored)


def _gone_on(
    state: ChatState, blocks: Blocks, seq: int, stored: StoredTools
) -> ChatState:
    """The state with a longer preview; the same object if nothing was added."""
    told, before = state.connection, state.preview
    if seq == told.seq and blocks is before.blocks:
        return state
    if seq != told.seq or stored is not told.stored:
        told = copied(told, seq=seq, stored=stored)
    return copied(state, preview=copied(before, blocks=blocks), connection=told)


def _grown_text(block: Any, part: TextPart) -> TextBlock | None:
    if type(block) is not TextBlock or not part.text:
        return None
    return TextBlock(text=block.text.append(part.text))


def _grown_thought(block: Any, part: ReasoningPart) -> ReasoningBlock | None:
    if type(block) is not ReasoningBlock or not part.text:
        return None
    return ReasoningBlock(text=block.text.append(part.text))


def _grown_call(block: Any, part: ToolCallPart) -> ToolBlock | None:
    run, piece = _piece_of(part)
    if run is None or type(block) is not ToolBlock:
        return None
    if block.has_args or block.from_result:
        return None
    if run != (block.tool_call_id, block.tool_name, block.mcp_server_config_id):
        return None
    return copied(block, args_text=block.args_text.append(piece))


_GROWN: Final[dict[type[Any], Callable[[Any, Any], Block | None]]] = {
    TextPart: _grown_text,
    ReasoningPart: _grown_thought,
    ToolCallPart: _grown_call,
}


def _goes_on(state: ChatState) -> bool:
    """The next part has nothing to do but to go on with the preview."""
    told = state.connection
    return not (
        told.status in _BEFORE_PARTS
        or told.echo is not NO_ECHO
        or told.after_user
        or told.is_edited
        or state.preview.is_over
        or state.retry is not None
        or state.replacement is not None
        or (told.is_fresh and told.delivered is not NO_IDS)
    )


def _is_next(streamed: StreamedPart, episode: tuple[int, int] | None, seq: int) -> bool:
    now = (streamed.history_version, streamed.generation_attempt)
    return streamed.seq == seq + 1 and now == episode


def _piece_of(part: Any) -> tuple[_Run | None, str]:
    """The call that a part has a piece of, and the piece; None if it is more."""
    if type(part) is not ToolCallPart or not part.args_delta or part.args is not None:
        return None, ""
    if part.parsed_commands or part.provider_executed:
        return None, ""
    call = (part.tool_call_id, part.tool_name, part.mcp_server_config_id)
    return call, part.args_delta


def _written(blocks: Blocks, first: Any, pieces: list[str]) -> Blocks:
    """The blocks with a run of pieces in them, the first of which was in a part."""
    if type(first) is not ToolCallPart:
        return append_text(blocks, type(first), pieces)
    return merge_call(blocks, first, "".join(pieces))
