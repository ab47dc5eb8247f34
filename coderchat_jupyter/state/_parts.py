"""What a streamed part makes of a state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from coderchat_jupyter.state._change import changed, noted, without_preview
from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state._fold import (
    Blocks,
    append_text,
    find_tool,
    fold_blocks,
    fold_part,
    merge_call,
)
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.history import tail
from coderchat_jupyter.state.preview import NO_PREVIEW
from coderchat_jupyter.wire.events import Event, MessagePartEvent, StreamedPart
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.parts import (
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

__all__ = ["on_part", "on_parts"]

# `pending` counts in a snapshot alone; the longer way looks at that.
_BEFORE_PARTS: Final = frozenset({"pending", "waiting"})

_TOOL_PARTS: Final = (ToolCallPart, ToolResultPart)

# What pieces belong together by: a kind of text, or the names of a call.
_Run: TypeAlias = type[Any] | tuple[str, str, str | None]

# A call with its results, and the call after it.
_TRAILING: Final = 12


def on_part(state: ChatState, streamed: StreamedPart) -> ChatState:
    """Fold one part."""
    told = state.connection
    # The stream itself must have said it: going by a status from REST, or by one
    # that was hoped for, has thrown good text away.
    if told.status == "waiting" or told.is_edited:
        return state
    if told.status == "pending" and told.is_fresh:
        # v2.33 tells the parts of the last turn until the next one runs.
        return state
    if streamed.seq is not None:
        counted = _count(state, streamed)
        if counted is None:
            return state
        state = counted
    # In a snapshot, parts come before messages.
    if told.after_user or (told.is_fresh and told.delivered):
        is_fresh = told.is_fresh and not told.delivered
        state = noted(state, is_fresh=is_fresh, after_user=False)
    if state.retry is not None:
        state = copied(state, retry=None)
    return _show(state, streamed.part)


def on_parts(
    state: ChatState, batch: Sequence[Event], start: int
) -> tuple[ChatState, int]:
    """Fold a run of parts that go on with what is in view, all at once.

    What a part costs is mostly the copy of the state, so one is made for a run.

    Args:
        state: The state so far.
        batch: The frame.
        start: Where in it to begin.

    Returns:
        The state, and the place of the first event that is not folded in.
    """
    if not _goes_on(state):
        return state, start
    told, before = state.connection, state.preview
    chat_id, seq, blocks = state.chat_id, told.seq, before.blocks
    run: _Run | None = None
    first: Part | None = None
    pieces: list[str] = []
    place = start
    while place < len(batch):
        event = batch[place]
        if type(event) is not MessagePartEvent or event.chat_id != chat_id:
            break
        streamed = event.message_part
        if streamed.seq is not None and not _is_next(streamed, told.episode, seq):
            break
        part = streamed.part
        key, piece = _piece_of(part)
        if run is None or key != run:
            if pieces:
                blocks, pieces = _written(blocks, first, pieces), []
            if not _goes_in(blocks, part):
                break
            run, first = key, part
        if key is None:
            blocks = fold_blocks(blocks, part)
        else:
            pieces.append(piece)
        seq = streamed.seq or seq
        place += 1
    if pieces:
        blocks = _written(blocks, first, pieces)
    if seq != told.seq:
        told = copied(told, seq=seq)
    elif blocks is before.blocks:
        return state, place
    preview = copied(before, blocks=blocks)
    return copied(state, preview=preview, connection=told), place


def _is_next(streamed: StreamedPart, episode: tuple[int, int] | None, seq: int) -> bool:
    now = (streamed.history_version, streamed.generation_attempt)
    return streamed.seq == seq + 1 and now == episode


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
        or (told.is_fresh and told.delivered)
    )


def _piece_of(part: Any) -> tuple[_Run | None, str]:
    """What a part has a piece of, and the piece; None if it is more than that.

    Of any type, as it is told apart by the exact one: a row of isinstance checks is
    most of what a part costs.
    """
    kind = type(part)
    if kind is TextPart or kind is ReasoningPart:
        return kind, part.text
    if kind is not ToolCallPart or not part.args_delta or part.args is not None:
        return None, ""
    if part.parsed_commands or part.provider_executed:
        return None, ""
    call = (part.tool_call_id, part.tool_name, part.mcp_server_config_id)
    return call, part.args_delta


def _written(blocks: Blocks, first: Part | None, pieces: list[str]) -> Blocks:
    """The blocks with a run of pieces in them, the first of which was in a part."""
    if type(first) is not ToolCallPart:
        return append_text(blocks, type(first), pieces)
    return merge_call(blocks, first, "".join(pieces))


def _goes_in(blocks: Blocks, part: Any) -> bool:
    """It is text, or more of a call in view."""
    kind = type(part)
    if kind is TextPart or kind is ReasoningPart:
        return True
    if kind is not ToolCallPart and kind is not ToolResultPart:
        return False
    return bool(part.tool_call_id) and find_tool(blocks, part.tool_call_id) is not None


def _count(state: ChatState, streamed: StreamedPart) -> ChatState | None:
    """Note the number of a part; None if it is old or came before."""
    told, seq = state.connection, streamed.seq or 0
    episode = (streamed.history_version or 0, streamed.generation_attempt or 0)
    if told.episode is not None and episode < told.episode:
        return None
    last = told.seq if episode == told.episode else 0
    if seq <= last:
        return None
    shown = told.echo.episode if told.echo.is_held else told.episode
    if shown is not None and episode != shown and state.preview:
        # Another attempt: what the one before it wrote is void.
        state = without_preview(state)
    if seq > last + 1:
        state = changed(state, lost_parts=True)
    return noted(state, episode=episode, seq=seq)


def _show(state: ChatState, part: Part) -> ChatState:
    if isinstance(part, _TOOL_PARTS) and part.tool_call_id:
        is_new = find_tool(state.preview.blocks, part.tool_call_id) is None
        if is_new and _is_stored(part, _may_be_told_again(state)):
            return _forget_replay(state, part)
    echo = state.connection.echo
    if echo.is_spent:
        state, echo = noted(state, echo=NO_ECHO), NO_ECHO
    if not echo:
        preview = fold_part(state.preview, part)
        return state if preview is state.preview else copied(state, preview=preview)
    still = echo.after(part, state.preview)
    if still is not None:
        return noted(state, echo=still)
    # It goes beyond what was known: this is what runs now.
    return changed(noted(state, echo=NO_ECHO), preview=fold_part(echo.told, part))


def _is_stored(
    part: ToolCallPart | ToolResultPart, messages: tuple[Message, ...]
) -> bool:
    kind, call_id = type(part), part.tool_call_id
    for message in reversed(messages):
        for stored in message.content:
            if type(stored) is kind and stored.tool_call_id == call_id:
                return True
    return False


def _may_be_told_again(state: ChatState) -> tuple[Message, ...]:
    """The stored messages whose parts may still come."""
    told = state.connection
    if told.is_fresh or told.echo:
        return tail(state.messages)
    # Only the last step's may trail; a turn may have hundreds.
    return tail(state.messages[-_TRAILING:])


def _forget_replay(state: ChatState, part: ToolCallPart | ToolResultPart) -> ChatState:
    """v2.33 replays the whole turn: what came before a stored call is stored, too."""
    echo = state.connection.echo
    if echo:
        return noted(state, echo=replace(echo, told=NO_PREVIEW))
    # A result may come while its step still shows, behind its own message.
    return state if isinstance(part, ToolResultPart) else without_preview(state)
