"""What waits behind a running turn."""

from __future__ import annotations

from starlette.responses import Response

from coderchat_jupyter.server.engine import commands
from coderchat_jupyter.server.failures import bad_request
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    chat_of,
    endpoint,
    no_content,
)
from coderchat_jupyter.server.routes._query import int64_of
from coderchat_jupyter.server.routes.messages import only_owner

__all__ = ["drop", "promote"]


@endpoint
async def drop(call: Call) -> Response:
    """`DELETE /chats/{chat}/queue/{queued}`."""
    chat = await chat_of(call.request, call.user)
    await commands.drop_queued(call.service.moves, chat.id, _queued_id(call))
    return no_content()


@endpoint
async def promote(call: Call) -> Response:
    """`POST /chats/{chat}/queue/{queued}/promote`."""
    chat = await chat_of(call.request, call.user)
    only_owner(call, chat, "promote queued messages")
    if chat.archived:
        raise bad_request("Cannot promote messages in an archived chat.")
    await commands.promote(call.service.moves, chat.id, _queued_id(call))
    return answer({"message": "Queued message promotion accepted."}, 202)


def _queued_id(call: Call) -> int:
    try:
        return int64_of(call.request.path_params["queued"])
    except ValueError as error:
        raise bad_request("Invalid queued message ID.", detail=str(error)) from None
