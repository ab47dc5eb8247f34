"""What becomes of a user's chats, over a WebSocket."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response
from starlette.websockets import WebSocket

from coderchat_jupyter.server.auth import check_origin
from coderchat_jupyter.server.failures import RequestError, upgrade_required
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    endpoint,
    refused,
    service_of,
)
from coderchat_jupyter.server.routes._socket import Frames, serve
from coderchat_jupyter.server.streaming.watchers import Watcher

__all__ = ["follow_all", "watch", "watch_without_socket"]


async def watch(socket: WebSocket) -> None:
    """`GET /chats/watch`."""
    await follow_all(socket, _as_they_are)


async def follow_all(socket: WebSocket, framed: Callable[[Watcher], Frames]) -> None:
    """Tell what becomes of all chats of the caller, its frames written by `framed`."""
    service = service_of(socket)
    try:
        check_origin(socket, loopback_only=service.settings.loopback_only)
        user = await service.sessions.user(socket)
    except RequestError as error:
        await socket.send_denial_response(refused(error))
        return
    watcher = Watcher()
    # Before the upgrade is told, so that nothing after it is missed.
    with service.moves.watchers.listening(user.id, watcher):
        await socket.accept()
        await serve(socket, framed(watcher))


def _as_they_are(watcher: Watcher) -> Frames:
    return watcher


@endpoint
async def watch_without_socket(_: Call) -> Response:
    """The same by a client that asks for no WebSocket.

    Raises:
        RequestError: 426.
    """
    raise upgrade_required()
