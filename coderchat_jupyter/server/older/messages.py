"""Messages: sent, or queued behind what runs; and edited."""

from __future__ import annotations

from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine import commands
from coderchat_jupyter.server.failures import bad_request
from coderchat_jupyter.server.older import shapes
from coderchat_jupyter.server.older._input import check_texts
from coderchat_jupyter.server.routes._bodies import EditMessageBody, SendMessageBody
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._content import read_content
from coderchat_jupyter.server.routes._endpoint import Call, answer, chat_of, endpoint
from coderchat_jupyter.server.routes.messages import message_id_of, only_owner
from coderchat_jupyter.server.storage.rows import ChatRow, MessageRow
from coderchat_jupyter.wire._go import encode

__all__ = ["edit", "send"]


@endpoint
async def send(call: Call) -> Response:
    """`POST /chats/{chat}/messages`: what comes while something runs waits."""
    chat = await _own_chat(call, "send messages")
    body = await read_body(call.request, SendMessageBody)
    check_texts(body.content)
    came = await commands.send_message(
        call.service.moves,
        chat.id,
        call.user,
        await read_content(call, body.content),
        model_config_id=body.model_config_id,
        interrupting=False,
    )
    if isinstance(came, MessageRow):
        said = shapes.message(encode(present.message(came)))
        return answer({"message": said, "queued": False})
    waits = shapes.queued(encode(present.queued_message(came)))
    return answer({"queued_message": waits, "queued": True})


@endpoint
async def edit(call: Call) -> Response:
    """`PATCH /chats/{chat}/messages/{message}`: answered with the bare message."""
    chat = await _own_chat(call, "edit messages")
    message_id = message_id_of(call)
    body = await read_body(call.request, EditMessageBody)
    check_texts(body.content)
    new = await commands.edit_message(
        call.service.moves,
        chat.id,
        message_id,
        call.user,
        await read_content(call, body.content),
        model_config_id=None,
    )
    return answer(shapes.message(encode(present.message(new))))


async def _own_chat(call: Call, what: str) -> ChatRow:
    chat = await chat_of(call.request, call.user)
    only_owner(call, chat, what)
    if chat.archived:
        raise bad_request(f"The chat is archived: unarchive it to {what}.")
    return chat
