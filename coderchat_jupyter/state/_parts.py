"""What a streamed part makes of a state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from coderchat_jupyter.state._change import changed, noted, without_preview
from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state._fold import append_text, find_tool, fold_part
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

__all__ = ["is_piece", "on_part", "on_pieces"]

_PIECES: Final = frozenset({TextPart, ReasoningPart})

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


def is_piece(event: MessagePartEvent) -> bool:
    """It is a piece of text or reasoning."""
    return type(event.message_part.part) in _PIECES


def on_pieces(
    state: ChatState, batch: Sequence[Event], start: int, first: MessagePartEvent
) -> tuple[ChatState, int]:
    """Fold a run of text that goes on with what is in view, all at once.

    Args:
        state: The state so far.
        batch: The frame.
        start: Where in it to begin.
        first: The event there, which `is_piece`.

    Returns:
        The state, and the place of the first event that is not folded in.
    """
    told, before = state.connection, state.preview
    if (
        told.status != "running"
        or told.echo is not NO_ECHO
        or told.after_user
        or told.is_edited
        or before.is_over
        or state.retry is not None
        or state.replacement is not None
        or (told.is_fresh and told.delivered)
    ):
        return state, start
    chat_id, seq = state.chat_id, told.seq
    is_text = type(first.message_part.part) is TextPart
    kind: type[TextPart | ReasoningPart] = TextPart if is_text else ReasoningPart
    pieces: list[str] = []
    place = start
    for place in range(start, len(batch)):
        event = batch[place]
        if type(event) is not MessagePartEvent or event.chat_id != chat_id:
            break
        streamed = event.message_part
        part = streamed.part
        if not isinstance(part, kind):
            break
        if streamed.seq is not None:
            episode = (streamed.history_version, streamed.generation_attempt)
            if streamed.seq != seq + 1 or episode != told.episode:
                break
            seq += 1
        pieces.append(part.text)
    else:
        place = len(batch)
    if not pieces:
        return state, start
    blocks = append_text(before.blocks, kind, pieces)
    if seq != told.seq:
        told = copied(told, seq=seq)
    elif blocks is before.blocks:
        return state, place
    preview = copied(before, blocks=blocks)
    return copied(state, preview=preview, connection=told), place


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
    if isinstance(part, ToolCallPart | ToolResultPart) and part.tool_call_id:
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
