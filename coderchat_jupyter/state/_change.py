"""Copies of a state with some fields changed; the same object if nothing changes."""

from __future__ import annotations

from typing import Any, TypeVar

from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.preview import NO_PREVIEW, Preview

__all__ = ["changed", "noted", "over", "without_preview"]

T = TypeVar("T")


def changed(value: T, **fields: Any) -> T:
    """As `copied`, but the very same object if nothing changes."""
    known = value.__dict__
    for name, item in fields.items():
        old = known[name]
        if old is not item and old != item:
            return copied(value, **fields)
    return value


def noted(state: ChatState, **fields: Any) -> ChatState:
    """The state with other values in its connection."""
    told = changed(state.connection, **fields)
    return state if told is state.connection else copied(state, connection=told)


def without_preview(state: ChatState) -> ChatState:
    """What was previewed is void, shown or not."""
    return changed(noted(state, echo=NO_ECHO), preview=NO_PREVIEW)


def over(preview: Preview, *, is_failed: bool = False) -> Preview:
    """The run that wrote this has ended."""
    if not preview.blocks or (preview.is_over and preview.is_failed >= is_failed):
        return preview
    return Preview(blocks=preview.blocks, is_over=True, is_failed=is_failed)
