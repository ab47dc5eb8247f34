"""What the server tells by itself: of one chat, of all chats, of a workspace.

To the first two nothing is ever written: the server closes the connection when a
client speaks.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar

from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._socket import Ask, Dialer, Socket
from coderchat_jupyter.client._unknowns import Unknowns
from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.events import ErrorEvent, UnknownEvent
from coderchat_jupyter.wire.framing import MAX_FRAME_BYTES, Batch, FrameDecoder
from coderchat_jupyter.wire.git import (
    MAX_GIT_FRAME_BYTES,
    GitMessage,
    GitRefresh,
    decode_git_frame,
)
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.watch import (
    UnknownWatchEvent,
    WatchEvent,
    decode_watch_frame,
)

if TYPE_CHECKING:
    from coderchat_jupyter.client._release import Release

__all__ = ["Batches", "GitWatch", "Happenings", "Streams", "WebSocketStreams"]

T = TypeVar("T")

Batches: TypeAlias = AsyncIterator[Batch]
Happenings: TypeAlias = AsyncIterator[WatchEvent | UnknownWatchEvent]

# A full batch may hold 256 events with a message each; ours is the larger limit.
_MAX_SIZE: Final = 4 * MAX_FRAME_BYTES


class GitWatch:
    """Follows the repositories of one workspace: iterate it, and ask for more.

    Ends when the server ends the connection properly.
    """

    def __init__(self, socket: Socket, unknowns: Unknowns) -> None:
        self._socket = socket
        self._unknowns = unknowns

    def __aiter__(self) -> AsyncIterator[GitMessage]:
        return self

    async def __anext__(self) -> GitMessage:
        """The next message.

        Raises:
            StreamClosedError: The connection broke off.
        """
        while True:
            frame = await self._socket.receive()
            if frame is None:
                raise StopAsyncIteration
            try:
                message = decode_git_frame(frame)
            except ProtocolError:
                # The next look at the repositories says it all again.
                continue
            self._unknowns.note(message)
            return message

    async def refresh(self) -> None:
        """Ask to look at the repositories now; the answer is a message like others.

        Raises:
            StreamClosedError: The connection has ended.
        """
        await self._socket.send(dumps(GitRefresh()).decode())


class Streams(Protocol):
    """Opens connections that the server writes to. Each ends with its context."""

    def open(
        self, chat_id: ChatId, after_id: int
    ) -> AbstractAsyncContextManager[Batches]:
        """What happens in a chat."""
        ...

    def watch(self) -> AbstractAsyncContextManager[Happenings]:
        """What becomes of the caller's chats."""
        ...

    def git(self, chat_id: ChatId) -> AbstractAsyncContextManager[GitWatch]:
        """What changes in the workspace of a chat."""
        ...


class WebSocketStreams:
    """Streams over the websockets library."""

    def __init__(
        self,
        place: Place,
        *,
        verify: ssl.SSLContext | None,
        release: Release | None = None,
        unknowns: Unknowns | None = None,
        ask: Ask | None = None,
    ) -> None:
        self._place = place
        self._unknowns = unknowns or Unknowns()
        self._dialer = Dialer(place, verify=verify, release=release, ask=ask)

    def __repr__(self) -> str:
        return f"WebSocketStreams({self._place.address!r})"

    @asynccontextmanager
    async def open(self, chat_id: ChatId, after_id: int) -> AsyncIterator[Batches]:
        """Connect, and hand out one batch of events per frame.

        The iterator ends when the server ends the connection properly. A frame that
        cannot be read is a batch of one `UnknownEvent` without a type.

        Args:
            chat_id: The chat.
            after_id: Messages up to this id are not sent again.

        Raises:
            ConnectionLostError: No connection, or it broke off (from the iterator,
                as a `StreamClosedError`).
            AuthenticationError: The token is not accepted.
            NotFoundError: No such chat, or it is not shared with you.
        """
        path, query = routes.stream(chat_id), f"after_id={after_id}"
        async with (
            self._dialer.dial(path, query=query, max_size=_MAX_SIZE) as socket,
            _ending(_batches(socket, self._unknowns)) as batches,
        ):
            yield batches

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[Happenings]:
        """Connect, and hand out one event after the other.

        An event that cannot be read is an `UnknownWatchEvent`.

        Raises:
            ConnectionLostError: No connection, or it broke off (from the iterator).
            AuthenticationError: The token is not accepted.
        """
        async with (
            self._dialer.dial(routes.WATCH, max_size=_MAX_SIZE) as socket,
            _ending(_happenings(socket, self._unknowns)) as happenings,
        ):
            yield happenings

    @asynccontextmanager
    async def git(self, chat_id: ChatId) -> AsyncIterator[GitWatch]:
        """Connect to the workspace of a chat.

        Raises:
            ConnectionLostError: No connection, or it broke off (from the iterator).
            InvalidRequestError: There is nothing to look at; `wire.git.means_no_diff`
                tells by its message.
            ForbiddenError: The workspace is not open to the caller.
        """
        path = routes.stream_git(chat_id)
        async with self._dialer.dial(path, max_size=MAX_GIT_FRAME_BYTES) as socket:
            yield GitWatch(socket, self._unknowns)


@asynccontextmanager
async def _ending(items: AsyncGenerator[T, None]) -> AsyncIterator[AsyncIterator[T]]:
    """Close a generator in the end, also when some other task waits for its next."""
    try:
        yield items
    finally:
        # That task is let go by the socket, which is closed next.
        with suppress(RuntimeError):
            await items.aclose()


async def _batches(socket: Socket, unknowns: Unknowns) -> AsyncGenerator[Batch, None]:
    take, decode = socket.take, FrameDecoder()
    while True:
        if (frame := take()) is None and (frame := await socket.receive()) is None:
            return
        try:
            batch = decode(frame)
        except ProtocolError:
            batch = (UnknownEvent(raw={}),)
        if batch:  # a ping of older servers holds nothing
            unknowns.note_batch(batch)
            yield batch
            first = batch[0]
            if type(first) is ErrorEvent and "chat_id" not in first.model_fields_set:
                # Not of the chat: v2.32 says in its envelope that it cannot go on.
                return


async def _happenings(
    socket: Socket, unknowns: Unknowns
) -> AsyncGenerator[WatchEvent | UnknownWatchEvent, None]:
    while (frame := await socket.receive()) is not None:
        try:
            events = decode_watch_frame(frame)
        except ProtocolError:
            events = (UnknownWatchEvent(raw={}),)
        unknowns.note(events)
        for event in events:
            yield event
