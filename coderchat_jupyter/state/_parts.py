"""What a streamed part makes of a state."""

from __future__ import annotations

from dataclasses import replace

from coderchat_jupyter.state._change import changed, noted, without_preview
from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state._fold import fold_part
from coderchat_jupyter.state._stored_tools import StoredTools
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.preview import NO_PREVIEW
from coderchat_jupyter.wire.events import StreamedPart
from coderchat_jupyter.wire.parts import TOOL_PARTS, Part, ToolResultPart

__all__ = ["on_part", "stored_tools"]


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


def stored_tools(state: ChatState) -> StoredTools:
    """The stored calls and results whose parts may still come."""
    told = state.connection
    # A snapshot may tell all of the turn again.
    is_whole = told.is_fresh or bool(told.echo)
    return told.stored.of(state.messages, is_whole=is_whole)


def _show(state: ChatState, part: Part) -> ChatState:
    shown = state.preview.blocks
    is_tool = type(part) in TOOL_PARTS
    if is_tool and stored_tools(state).has_out_of_view(part, shown):
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


def _forget_replay(state: ChatState, part: Part) -> ChatState:
    """v2.33 replays the whole turn: what came before a stored call is stored, too."""
    echo = state.connection.echo
    if echo:
        return noted(state, echo=replace(echo, told=NO_PREVIEW))
    # A result may come while its step still shows, behind its own message.
    return state if type(part) is ToolResultPart else without_preview(state)
