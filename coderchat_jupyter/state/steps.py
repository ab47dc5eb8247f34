"""All that can change the state of a chat, as values: what is told, fetched, sent.

Applied one after the other they make a state; the same steps make the same state, so
that a recording of them can be played again.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import (
    reconnected,
    with_chat,
    with_page,
    with_sent,
)
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.framing import Batch
from coderchat_jupyter.wire.messages import MessagesPage, SentMessage

__all__ = [
    "ChatFetched",
    "MessageSent",
    "Opened",
    "PageFetched",
    "Restarted",
    "Step",
    "Told",
    "Wanted",
    "apply",
    "beginning",
]


@dataclass(frozen=True, slots=True)
class Restarted:
    """What was streamed is forgotten: a recording begins in the middle of a chat."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection was opened, for messages after an id."""

    after_id: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A frame came."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class ChatFetched:
    """The chat was fetched, or answered."""

    chat: Chat


@dataclass(frozen=True, slots=True)
class PageFetched:
    """A page of messages was fetched; `before_id` as it was asked for."""

    page: MessagesPage
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message was sent, and this is the answer."""

    sent: SentMessage


@dataclass(frozen=True, slots=True)
class Wanted:
    """The messages are going to be fetched (False), or still have to be (True)."""

    is_stale: bool


Step: TypeAlias = (
    Restarted | Opened | Told | ChatFetched | PageFetched | MessageSent | Wanted
)


def apply(state: ChatState, step: Step) -> ChatState:
    """Take one step; the very same object comes back when nothing changed."""
    match step:
        case Told(batch=batch):
            return reduce(state, batch)
        case Opened(after_id=after_id):
            return reconnected(state, after_id=after_id)
        case ChatFetched(chat=chat):
            return with_chat(state, chat)
        case PageFetched(page=page, before_id=before_id):
            return with_page(state, page, before_id=before_id)
        case MessageSent(sent=sent):
            return with_sent(state, sent)
        case Wanted(is_stale=is_stale):
            if state.stale_history == is_stale:
                return state
            return replace(state, stale_history=is_stale)
        case Restarted():
            return functools.reduce(apply, beginning(state), EMPTY)
        case _:
            assert_never(step)


def beginning(state: ChatState) -> tuple[Step, ...]:
    """The steps from nothing to what can be fetched of a state."""
    page = MessagesPage(messages=state.messages[::-1], has_more=state.has_older)
    chat = () if state.chat is None else (ChatFetched(state.chat),)
    return (*chat, PageFetched(page))
