"""A chat's messages: read, sent, edited."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine import commands
from coderchat_jupyter.server.failures import RequestError, bad_request
from coderchat_jupyter.server.routes._bodies import EditMessageBody, SendMessageBody
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._content import link_content, read_content
from coderchat_jupyter.server.routes._endpoint import Call, answer, chat_of, endpoint
from coderchat_jupyter.server.routes._query import QueryReader, int64_of
from coderchat_jupyter.server.routes.chats import check_plan_mode
from coderchat_jupyter.server.routes.mcp_servers import check_mcp_servers
from coderchat_jupyter.server.storage import messages
from coderchat_jupyter.server.storage.rows import ChatRow, MessageRow
from coderchat_jupyter.wire.messages import (
    EditedMessage,
    MessagesPage,
    Prompt,
    Prompts,
    SentMessage,
)

__all__ = ["edit", "message_id_of", "only_owner", "page", "prompts", "send"]

_PAGE: Final = 50
_MAX_PAGE: Final = 200
_MAX_PROMPTS: Final = 2000
_PROMPTS: Final = 500

# Only the first message of a chat has a limit of v2.34; a server needs one.
_MAX_BYTES: Final = 10 * 2**20


@endpoint
async def page(call: Call) -> Response:
    """`GET /chats/{chat}/messages`."""
    chat = await chat_of(call.request, call.user)
    query = QueryReader(call.request.query_params)
    before = query.natural("before_id", 0)
    after = query.natural("after_id", 0)
    limit = query.natural("limit", _PAGE, maximum=2**31 - 1)
    query.done()
    if not 1 <= limit <= _MAX_PAGE:
        raise bad_request(f"Limit must be between 1 and {_MAX_PAGE}.")
    if before and after and after >= before:
        raise bad_request("after_id must be less than before_id.")
    async with call.service.database.read() as connection:
        rows = await messages.page_of_messages(
            connection, chat.id, before_id=before, after_id=after, limit=limit + 1
        )
        asked_all = not (before or after)
        queue = await messages.list_queue(connection, chat.id) if asked_all else []
    return answer(
        MessagesPage(
            messages=present.visible(rows[:limit]),
            queued_messages=tuple(present.queued_message(row) for row in queue),
            has_more=len(rows) > limit,
        )
    )


@endpoint
async def prompts(call: Call) -> Response:
    """`GET /chats/{chat}/prompts`."""
    chat = await chat_of(call.request, call.user)
    query = QueryReader(call.request.query_params)
    limit = query.natural("limit", 0, maximum=2**31 - 1) or _PROMPTS
    query.done()
    if limit > _MAX_PROMPTS:
        raise bad_request(f"Limit must be between 0 and {_MAX_PROMPTS}.")
    async with call.service.database.read() as connection:
        rows = await messages.list_messages(connection, chat.id)
    asked = (
        Prompt(id=row.id, text=text)
        for row in reversed(rows)
        if row.role == "user"
        and row.visibility != "model"
        and (text := _text(row)).strip()
    )
    return answer(Prompts(prompts=tuple(asked)[:limit]))


@endpoint
async def send(call: Call) -> Response:
    """`POST /chats/{chat}/messages`."""
    chat = await chat_of(call.request, call.user)
    only_owner(call, chat, "send messages")
    if chat.archived:
        raise bad_request("Cannot send messages to an archived chat.")
    body = await read_body(call.request, SendMessageBody, cap=_MAX_BYTES)
    content = await read_content(call, body.content)
    async with call.service.database.read() as connection:
        await check_mcp_servers(connection, body.mcp_server_ids or ())
    check_plan_mode(body.plan_mode or "")
    if body.busy_behavior not in ("", "queue", "interrupt"):
        raise bad_request(
            "Invalid busy_behavior value.", detail='Must be "queue" or "interrupt".'
        )
    came = await commands.send_message(
        call.service.moves,
        chat.id,
        call.user,
        content,
        model_config_id=body.model_config_id,
        interrupting=body.busy_behavior == "interrupt",
        plan_mode=body.plan_mode,
        mcp_server_ids=body.mcp_server_ids,
    )
    warnings = await link_content(call, chat.id, content)
    if isinstance(came, MessageRow):
        sent = present.message(came)
        return answer(SentMessage(message=sent, warnings=warnings))
    queued = present.queued_message(came)
    return answer(SentMessage(queued_message=queued, queued=True, warnings=warnings))


@endpoint
async def edit(call: Call) -> Response:
    """`PATCH /chats/{chat}/messages/{message}`."""
    chat = await chat_of(call.request, call.user)
    only_owner(call, chat, "edit messages")
    if chat.archived:
        raise bad_request("Cannot edit messages in an archived chat.")
    message_id = message_id_of(call)
    body = await read_body(call.request, EditMessageBody, cap=_MAX_BYTES)
    content = await read_content(call, body.content)
    new = await commands.edit_message(
        call.service.moves,
        chat.id,
        message_id,
        call.user,
        content,
        model_config_id=body.model_config_id,
    )
    warnings = await link_content(call, chat.id, content)
    return answer(EditedMessage(message=present.message(new), warnings=warnings))


def only_owner(call: Call, chat: ChatRow, what: str) -> None:
    """Refuse everybody else, administrators too: a run uses the owner's rights.

    Raises:
        RequestError: 403.
    """
    if chat.owner_id != call.user.id:
        raise RequestError(403, f"Only the chat owner may {what}.")


def message_id_of(call: Call) -> int:
    """The message that the path names.

    Raises:
        RequestError: 400; it is no id.
    """
    try:
        number = int64_of(call.request.path_params["message"])
    except ValueError as error:
        raise bad_request("Invalid chat message ID.", detail=str(error)) from None
    if number <= 0:
        raise bad_request(
            "Invalid chat message ID.", detail="Message ID must be a positive integer."
        )
    return number


def _text(row: MessageRow) -> str:
    return "".join(part["text"] for part in row.content if part["type"] == "text")
