"""What every endpoint has in common: who calls, how it is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeAlias, cast

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from coderchat_jupyter.server.auth import check_origin
from coderchat_jupyter.server.failures import (
    RequestError,
    bad_request,
    forbidden,
    not_found,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.storage import chats
from coderchat_jupyter.server.storage.readers import is_shared_with
from coderchat_jupyter.server.storage.rows import ChatRow, UserRow
from coderchat_jupyter.wire._go import dumps

__all__ = [
    "Call",
    "answer",
    "chat_of",
    "endpoint",
    "no_content",
    "only_admin",
    "readable_chat",
    "refused",
    "service_of",
]


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a user who is signed in."""

    request: Request
    service: Service
    user: UserRow


Endpoint: TypeAlias = Callable[[Call], Awaitable[Response]]


def service_of(connection: HTTPConnection) -> Service:
    """The service that the application runs."""
    return cast("Service", connection.app.state.service)


def endpoint(function: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Sign the caller in, then call."""

    @wraps(function)
    async def handle(request: Request) -> Response:
        service = service_of(request)
        check_origin(request, loopback_only=service.settings.loopback_only)
        user = await service.sessions.user(request)
        return await function(Call(request, service, user))

    return handle


def answer(value: Any, status: int = 200) -> Response:
    """A JSON body, as the Go server writes it."""
    return Response(
        dumps(value),
        status_code=status,
        headers={"content-type": "application/json; charset=utf-8"},
    )


def no_content() -> Response:
    """204."""
    return Response(status_code=204)


def refused(error: RequestError) -> Response:
    """The body of a refusal."""
    return answer(error.body, error.status)


async def chat_of(connection: HTTPConnection, user: UserRow) -> ChatRow:
    """The chat a path names, if the caller may do with it what is asked.

    Reading is for those it is shared with, too; for anything else it is not there.

    Raises:
        RequestError: 400 for no UUID, 404 for no chat or one of somebody else.
    """
    chat = await readable_chat(connection, user)
    scope = connection.scope
    reads = scope["type"] == "websocket" or scope["method"] in ("GET", "HEAD")
    if not (reads or user.is_admin or chat.owner_id == user.id):
        raise not_found()
    return chat


async def readable_chat(connection: HTTPConnection, user: UserRow) -> ChatRow:
    """The chat a path names, if the caller may read it.

    Raises:
        RequestError: 400 for no UUID, 404 for no chat or one that is not shared.
    """
    text = connection.path_params["chat"]
    try:
        chat_id = normal_uuid(text)
    except ValueError as error:
        raise bad_request(f'Invalid UUID "{text}".', detail=str(error)) from None
    async with service_of(connection).database.read() as rows:
        chat = await chats.get_chat(rows, chat_id)
        if chat is None or not (
            user.is_admin or await is_shared_with(rows, chat, user)
        ):
            raise not_found()
    return chat


def only_admin(user: UserRow) -> None:
    """Refuse everybody else.

    Raises:
        RequestError: 403.
    """
    if not user.is_admin:
        raise forbidden()
