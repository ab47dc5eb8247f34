"""The live events of a chat, over a WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.websockets import WebSocket

from coderchat_jupyter.server import present
from coderchat_jupyter.server.auth import check_origin
from coderchat_jupyter.server.failures import (
    RequestError,
    bad_request,
    upgrade_required,
)
from coderchat_jupyter.server.keepalive import FRAMES
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    chat_of,
    endpoint,
    refused,
    service_of,
)
from coderchat_jupyter.server.routes._query import int64_of
from coderchat_jupyter.server.routes._socket import Frames, serve
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.storage import chats, messages
from coderchat_jupyter.server.storage.rows import ChatRow, QueuedRow
from coderchat_jupyter.server.streaming.frames import Outgoing, outgoing
from coderchat_jupyter.server.streaming.subscriber import Subscriber
from coderchat_jupyter.wire.events import (
    ErrorEvent,
    MessageEvent,
    QueueUpdateEvent,
    Status,
    StatusEvent,
)
from coderchat_jupyter.wire.framing import MAX_BATCH
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["follow", "stream", "stream_without_socket"]

T = TypeVar("T")


async def stream(socket: WebSocket) -> None:
    """`GET /chats/{chat}/stream`."""
    await follow(socket, partial(_at_once, socket))


async def follow(socket: WebSocket, framed: Callable[[Subscriber], Frames]) -> None:
    """Stream the chat that the path names, its frames written by `framed`."""
    service = service_of(socket)
    try:
        check_origin(socket, loopback_only=service.settings.loopback_only)
        user = await service.sessions.user(socket)
        chat = await chat_of(socket, user)
        after_id = _after_id(socket)
    except RequestError as error:
        await socket.send_denial_response(refused(error))
        return
    listener = Subscriber(after_id)
    owner = user.id == chat.owner_id
    async with (
        _subscribed(service, chat.id, listener),
        _read_by(service, chat, owner=owner),
    ):
        try:
            await socket.accept()
        except OSError:
            # It left before it was let in.
            return
        await serve(socket, framed(listener))


def _at_once(socket: WebSocket, listener: Subscriber) -> Frames:
    """Frames as they are; where the server can, parts need not wait for a task."""
    extension = socket.scope.get("extensions", {}).get(FRAMES)
    if extension is not None:
        listener.write = extension["write"]
    return listener


@endpoint
async def stream_without_socket(call: Call) -> Response:
    """The same by a client that asks for no WebSocket: refused, but as one that does.

    Raises:
        RequestError: 400 or 404 as for a socket, otherwise 426.
    """
    await chat_of(call.request, call.user)
    _after_id(call.request)
    raise upgrade_required()


def _after_id(connection: HTTPConnection) -> int:
    # Of several the first counts, also if it is empty.
    text = (*connection.query_params.getlist("after_id"), "")[0]
    if not text:
        return 0
    try:
        return max(0, int64_of(text))
    except ValueError as error:
        raise bad_request("Invalid after_id.", detail=str(error)) from None


@asynccontextmanager
async def _read_by(
    service: Service, chat: ChatRow, *, owner: bool
) -> AsyncIterator[None]:
    """While its owner listens, what is answered counts as read."""
    if owner:
        await _mark_read(service, chat.id)
    try:
        yield
    finally:
        if owner:
            # Shielded: the socket's task may be ending, the marker must not be lost.
            await asyncio.shield(_mark_read(service, chat.id))


async def _mark_read(service: Service, chat_id: ChatId) -> None:
    # Nothing but this chat's row is looked at: others need not wait for it.
    async with service.database.decide() as connection:
        await chats.mark_read(connection, chat_id)


def _state(chat: ChatRow | None) -> Iterator[Outgoing]:
    if chat is None:
        return
    yield outgoing(StatusEvent(chat_id=chat.id, status=Status(status=chat.status)))
    if chat.status == "error" and chat.last_error is not None:
        yield outgoing(ErrorEvent(chat_id=chat.id, error=chat.last_error))


def _waiting(chat_id: ChatId, queue: Sequence[QueuedRow]) -> Iterator[Outgoing]:
    if queue:
        waiting = tuple(map(present.queued_message, queue))
        yield outgoing(QueueUpdateEvent(chat_id=chat_id, queued_messages=waiting))


async def _unhurried(items: Iterable[T]) -> AsyncIterator[T]:
    """Let others have their turn while a long history is written."""
    for number, item in enumerate(items, 1):
        yield item
        if number % MAX_BATCH == 0:
            await asyncio.sleep(0)


@asynccontextmanager
async def _subscribed(
    service: Service, chat_id: ChatId, listener: Subscriber
) -> AsyncIterator[None]:
    """Queue the snapshot, then everything after it: nothing lost, nothing twice."""
    async with service.moves.locked(chat_id):
        async with service.database.read() as connection:
            chat = await chats.get_chat(connection, chat_id)
            rows = await messages.list_messages(
                connection, chat_id, after_id=listener.after_id
            )
            queue = await messages.list_queue(connection, chat_id)
        said = [
            outgoing(MessageEvent(chat_id=chat_id, message=message))
            async for message in _unhurried(present.visible(rows))
        ]
        # From here on without a pause: parts are told without the chat's lock.
        in_progress = service.hub.in_progress(chat_id)
        listener.begin([*_state(chat), *in_progress, *said, *_waiting(chat_id, queue)])
        listening = service.hub.listening(chat_id, listener)
        listening.__enter__()
    try:
        yield
    finally:
        listening.__exit__(None, None, None)
