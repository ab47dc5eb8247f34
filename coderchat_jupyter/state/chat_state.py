"""The state of one chat: everything that a view may want to know, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from coderchat_jupyter.state._echo import NO_ECHO, Echo
from coderchat_jupyter.state._ids import NO_IDS, Ids
from coderchat_jupyter.state._stored_tools import NO_TOOLS, StoredTools
from coderchat_jupyter.state.preview import NO_PREVIEW, Preview
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.events import Retry, StreamedToolCall
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message, QueuedMessage

__all__ = ["EMPTY", "ChatState", "Connection", "Link"]


# Without slots: what is copied for each frame is copied as one dictionary.
@dataclass(frozen=True, kw_only=True)
class Connection:
    """What one connection has told so far. Bookkeeping of the reducer, not for views.

    Attributes:
        after_id: Messages up to this id were known when it was opened.
        is_fresh: All that was told may still be the snapshot, which through v2.34
            comes as status, retry, parts, messages, queue, and later ends with the
            first `preview_reset`. Frames cut it anyhow.
        status: The last status that the stream itself reported.
        has_queue: The stream has spoken about the queue, so REST may not.
        unqueued: What left the queue since the last run, and became no message.
        delivered: Ids of the messages that came over this connection.
        newest: The highest id among them, or `after_id`.
        after_user: A user message came, and nothing yet of what it set off.
        is_edited: An edit was seen, and no run since: parts are of the old run.
        says_resets: The server names edits itself (`history_reset`).
        resets: How often it did: what was asked for before is of an old history.
        episode: History version and attempt of the parts, where they are numbered.
        seq: Number of the last part in the episode.
        echo: Parts that may only repeat what is shown or stored.
        stored: The calls that are stored and whose parts may still come, as last
            looked up. It tells two connections not apart.
    """

    after_id: int = 0
    is_fresh: bool = True
    status: str | None = None
    has_queue: bool = False
    unqueued: tuple[QueuedMessage, ...] = ()
    delivered: Ids = NO_IDS
    newest: int = 0
    after_user: bool = False
    is_edited: bool = False
    says_resets: bool = False
    resets: int = 0
    episode: tuple[int, int] | None = None
    seq: int = 0
    echo: Echo = NO_ECHO
    stored: StoredTools = field(default=NO_TOOLS, compare=False)


@dataclass(frozen=True, kw_only=True)
class ChatState:
    """All that is known about one chat at one moment.

    Immutable, and safe to read from any thread. What did not change between two
    states is the very same object in both, so views may compare with `is`.

    Attributes:
        chat_id: The chat; events of other chats only tell their status.
        chat: As last fetched. `status` and `error` below are newer.
        messages: Stored messages by ascending id, tool messages included.
        has_older: The server holds older messages than these.
        status: What the chat is doing; None before anyone said.
        preview: What the model is writing now.
        queue: Messages that wait for the running turn to end, the next one first.
        retry: A failed model call that is going to be made again.
        error: Why the last run failed; None unless `status` is `error`.
        promoted: Which queued message became which stored one, newest last.
        actions: Tool calls that the chat waits for this side to answer.
        children: Status of other chats that spoke on this stream (sub-agents).
        unknown: How many events of which unknown type came; for diagnostics.
        stale_history: An edit may have removed messages: fetch them again.
        lost_parts: A piece of the preview is missing: connect again.
        replacement: Messages that are about to take the place of all others.
        connection: What the present connection has told; not for views.
    """

    chat_id: ChatId | None = None
    chat: Chat | None = None
    messages: tuple[Message, ...] = ()
    has_older: bool = False
    status: str | None = None
    preview: Preview = NO_PREVIEW
    queue: tuple[QueuedMessage, ...] = ()
    promoted: tuple[tuple[int, int], ...] = ()
    retry: Retry | None = None
    error: ChatError | None = None
    actions: tuple[StreamedToolCall, ...] = ()
    children: tuple[tuple[ChatId, str], ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    stale_history: bool = False
    lost_parts: bool = False
    replacement: tuple[Message, ...] | None = None
    connection: Connection = field(default_factory=Connection)

    def __repr__(self) -> str:
        # Short, and without what was said: reprs end up in logs.
        return (
            f"ChatState({self.chat_id}, {self.status}, {len(self.messages)} messages, "
            f"{len(self.preview.blocks)} blocks, {len(self.queue)} queued)"
        )


EMPTY: Final = ChatState()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How the connection to the server does.

    Attributes:
        phase: `failed` and `closed` are final; the others pass by themselves.
        attempt: How many attempts in a row have failed.
        retry_at: When the next attempt is made, while `reconnecting`.
        error: What is wrong, fit to show to a user. Empty when nothing is.
    """

    phase: Literal["connecting", "live", "reconnecting", "closed", "failed"] = (
        "connecting"
    )
    attempt: int = 0
    retry_at: datetime | None = None
    error: str = ""
