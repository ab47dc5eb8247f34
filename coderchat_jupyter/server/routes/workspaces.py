"""What needs a workspace: answered as a deployment without workspaces does."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response
from starlette.websockets import WebSocket

from coderchat_jupyter.server.auth import check_origin
from coderchat_jupyter.server.failures import RequestError, bad_request
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    chat_of,
    endpoint,
    refused,
    service_of,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.wire.diffs import DiffContents
from coderchat_jupyter.wire.git import NO_WORKSPACE

__all__ = ["by_workspace", "diff", "watch", "watch_over_socket"]

_MAX_WORKSPACES: Final = 25


@endpoint
async def diff(call: Call) -> Response:
    """`GET /chats/{chat}/diff`: no chat here has a git repository."""
    chat = await chat_of(call.request, call.user)
    return answer(DiffContents(chat_id=chat.id))


@endpoint
async def by_workspace(call: Call) -> Response:
    """`GET /chats/by-workspace`: no chat here has a workspace."""
    text = call.request.query_params.get("workspace_ids", "")
    wanted = text.split(",") if text else []
    if len(wanted) > _MAX_WORKSPACES:
        raise bad_request(f"At most {_MAX_WORKSPACES} workspace IDs are allowed.")
    for one in wanted:
        try:
            normal_uuid(one.strip())
        except ValueError as error:
            raise bad_request(f'Invalid workspace ID "{one}": {error}') from None
    return answer({})


@endpoint
async def watch(call: Call) -> Response:
    """`GET /chats/{chat}/stream/git` and `…/desktop`, by a client without socket."""
    await chat_of(call.request, call.user)
    raise bad_request(NO_WORKSPACE)


async def watch_over_socket(socket: WebSocket) -> None:
    """The same two: refused before there is a socket."""
    service = service_of(socket)
    try:
        check_origin(socket, loopback_only=service.settings.loopback_only)
        await chat_of(socket, await service.sessions.user(socket))
        error = bad_request(NO_WORKSPACE)
    except RequestError as refusal:
        error = refusal
    await socket.send_denial_response(refused(error))
