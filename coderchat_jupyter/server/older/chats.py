"""Chats: listed with their children, read with their messages, put away by calls."""

from __future__ import annotations

import json
from typing import Final

from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine import commands
from coderchat_jupyter.server.engine.families import set_archived
from coderchat_jupyter.server.older import shapes
from coderchat_jupyter.server.older._input import check_texts
from coderchat_jupyter.server.routes import chats
from coderchat_jupyter.server.routes._bodies import CreateChatBody
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    chat_of,
    endpoint,
    no_content,
)
from coderchat_jupyter.server.routes._query import QueryReader
from coderchat_jupyter.server.storage import messages
from coderchat_jupyter.server.storage.chat_pages import every_chat
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.chats import DiffStatus

__all__ = [
    "archive",
    "create",
    "diff_status",
    "get",
    "interrupt",
    "list_chats",
    "unarchive",
]

_BOOLEANS: Final = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_DIFF_STATUS: Final = (
    "chat_id",
    "changes_requested",
    "additions",
    "deletions",
    "changed_files",
)


@endpoint
async def list_chats(call: Call) -> Response:
    """`GET /chats`: all of the caller's, or those that are archived, or the others."""
    query = QueryReader(call.request.query_params)
    text = call.request.query_params.get("archived", "")
    if text and text not in _BOOLEANS:
        told = f'Query param "archived" must be a valid boolean, got "{text}"'
        query.fault("archived", told)
    query.done()
    async with call.service.database.read() as connection:
        rows = await every_chat(
            connection, call.user.id, archived=_BOOLEANS.get(text) if text else None
        )
    return answer([shapes.chat_of_row(row) for row in rows])


@endpoint
async def create(call: Call) -> Response:
    """`POST /chats`: in the organization of the caller, there is no other."""
    body = await read_body(call.request, CreateChatBody)
    check_texts(body.content)
    made = await chats.create_from(
        call,
        CreateChatBody(
            organization_id=call.user.organization_ids[0],
            content=body.content,
            workspace_id=body.workspace_id,
            model_config_id=body.model_config_id,
        ),
    )
    return answer(shapes.chat(json.loads(bytes(made.body))), 201)


@endpoint
async def get(call: Call) -> Response:
    """`GET /chats/{chat}`: with all its messages, oldest first, and its queue."""
    chat = await chat_of(call.request, call.user)
    async with call.service.database.read() as connection:
        rows = await messages.list_messages(connection, chat.id)
        queue = await messages.list_queue(connection, chat.id)
    return answer(
        {
            "chat": shapes.chat_of_row(chat),
            "messages": [shapes.message(encode(m)) for m in present.visible(rows)],
            "queued_messages": [
                shapes.queued(encode(present.queued_message(row))) for row in queue
            ],
        }
    )


@endpoint
async def archive(call: Call) -> Response:
    """`POST /chats/{chat}/archive`."""
    chat = await chat_of(call.request, call.user)
    await set_archived(call.service.moves, chat.id, archived=True)
    return no_content()


@endpoint
async def unarchive(call: Call) -> Response:
    """`POST /chats/{chat}/unarchive`."""
    chat = await chat_of(call.request, call.user)
    await set_archived(call.service.moves, chat.id, archived=False)
    return no_content()


@endpoint
async def interrupt(call: Call) -> Response:
    """`POST /chats/{chat}/interrupt`."""
    chat = await chat_of(call.request, call.user)
    stopped = await commands.interrupt(call.service.moves, chat.id)
    return answer(shapes.chat_of_row(stopped))


@endpoint
async def diff_status(call: Call) -> Response:
    """`GET /chats/{chat}/diff-status`: no chat here has a git repository."""
    chat = await chat_of(call.request, call.user)
    blank = encode(DiffStatus(chat_id=chat.id))
    return answer({name: blank[name] for name in _DIFF_STATUS})
