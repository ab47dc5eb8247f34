"""Copies of a state with some fields changed; the same object if nothing changes."""

from __future__ import annotations

from typing import Any

from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.preview import NO_PREVIEW, Preview

__all__ = ["changed", "noted", "over", "without_preview"]


def changed(state: ChatState, **fields: Any) -> ChatState:
    """The state with other values."""
    for name, value in fields.items():
        old = getattr(state, name)
        if old is not value and old != value:
            return copied(state, **fields)
    return state


def noted(state: ChatState, **fields: Any) -> ChatState:
    """The state with other values in its connection."""
    told = state.connection
    for name, value in fields.items():
        old = getattr(told, name)
        if old is not value and old != value:
            return copied(state, connection=copied(told, **fields))
    return state


def without_preview(state: ChatState) -> ChatState:
    """What was previewed is void, shown or not."""
    return changed(noted(state, echo=NO_ECHO), preview=NO_PREVIEW)


def over(preview: Preview, *, is_failed: bool = False) -> Preview:
    """The run that wrote this has ended."""
    if not preview.blocks or (preview.is_over and preview.is_failed >= is_failed):
        return preview
    return Preview(blocks=preview.blocks, is_over=True, is_failed=is_failed)
