"""One chat: made, read, changed, interrupted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine import commands
from coderchat_jupyter.server.engine.families import set_archived
from coderchat_jupyter.server.engine.titles import initial_title, naming
from coderchat_jupyter.server.failures import RequestError, bad_request
from coderchat_jupyter.server.routes._bodies import CreateChatBody, UpdateChatBody
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._content import link_content, read_content
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    chat_of,
    endpoint,
    no_content,
)
from coderchat_jupyter.server.routes._pins import set_pin
from coderchat_jupyter.server.routes.mcp_servers import check_mcp_servers
from coderchat_jupyter.server.storage.chat_pages import MAX_LABELS
from coderchat_jupyter.server.storage.chats import children_of
from coderchat_jupyter.server.storage.files import files_of_chat
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.wire.ids import ZERO_UUID, OrganizationId
from coderchat_jupyter.wire.tools import MAX_DYNAMIC_TOOLS

__all__ = [
    "check_plan_mode",
    "create",
    "create_from",
    "get",
    "interrupt",
    "update",
]

_MAX_SYSTEM_PROMPT: Final = 10_000
_MAX_TITLE: Final = 200
_MAX_LABEL_KEY: Final = 64
_MAX_LABEL_VALUE: Final = 256
_LABEL_KEY: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._/-]*")


@endpoint
async def create(call: Call) -> Response:
    """`POST /chats`."""
    return await create_from(call, await read_body(call.request, CreateChatBody))


async def create_from(call: Call, body: CreateChatBody) -> Response:
    """Make what a body asks for.

    Raises:
        RequestError: Something in it is refused.
    """
    if body.organization_id is None:
        raise bad_request("organization_id is required.")
    if body.organization_id not in call.user.organization_ids:
        raise RequestError(403, "You are not a member of the specified organization.")
    size = len(body.system_prompt.encode())
    if size > _MAX_SYSTEM_PROMPT:
        raise bad_request(
            "System prompt exceeds maximum length.",
            detail=f"System prompt must be at most {_MAX_SYSTEM_PROMPT} characters, "
            f"got {size}.",
        )
    content = await read_content(call, body.content)
    if body.workspace_id is not None:
        raise _no_workspace()
    if body.model_config_id == ZERO_UUID:
        raise bad_request("Invalid model config ID.")
    model = await commands.model_of_new_chat(
        call.service.database, call.user, body.model_config_id
    )
    check_plan_mode(body.plan_mode)
    async with call.service.database.read() as connection:
        await check_mcp_servers(connection, body.mcp_server_ids)
    _check_labels(body.labels)
    _check_tools([tool.name for tool in body.unsafe_dynamic_tools])
    client_type = body.client_type or "api"
    if client_type not in ("ui", "api"):
        raise bad_request(
            "Invalid client_type.", detail=f'got "{client_type}", want one of [ui api]'
        )
    chat = await commands.create_chat(
        call.service.moves,
        call.user,
        content,
        organization_id=OrganizationId(body.organization_id),
        model_config_id=model,
        title=initial_title(content),
        system_prompt=body.system_prompt,
        labels=body.labels,
        client_type=client_type,
        plan_mode=body.plan_mode,
        dynamic_tools=[tool.model_dump() for tool in body.unsafe_dynamic_tools],
        mcp_server_ids=body.mcp_server_ids,
    )
    warnings = await link_content(call, chat.id, content)
    async with call.service.database.read() as connection:
        linked = await files_of_chat(connection, chat.id)
    return answer(present.chat(chat, files=linked, warnings=warnings), 201)


@endpoint
async def get(call: Call) -> Response:
    """`GET /chats/{chat}`."""
    chat = await chat_of(call.request, call.user)
    async with call.service.database.read() as connection:
        family = await children_of(connection, [chat.id])
        linked = await files_of_chat(connection, chat.id)
    return answer(present.chat(chat, children=family, files=linked))


@endpoint
async def interrupt(call: Call) -> Response:
    """`POST /chats/{chat}/interrupt`."""
    chat = await chat_of(call.request, call.user)
    return answer(present.chat(await commands.interrupt(call.service.moves, chat.id)))


@endpoint
async def update(call: Call) -> Response:
    """`PATCH /chats/{chat}`.

    Not one transaction: what comes first stays, also if a later field is refused.
    """
    chat = await chat_of(call.request, call.user)
    body = await read_body(call.request, UpdateChatBody)
    check_plan_mode(body.plan_mode or "")
    if body.title is not None:
        await _rename(call, chat, body.title.strip())
    if body.labels is not None:
        _check_labels(body.labels)
        async with call.service.moves.move(chat.id) as move:
            await move.change(labels=dict(body.labels), updated_at=move.now)
    if body.archived is not None:
        await set_archived(call.service.moves, chat.id, archived=body.archived)
    if body.pin_order is not None:
        await set_pin(call.service, chat, body.pin_order)
    if body.workspace_id is not None:
        await _bind(call, chat, body.workspace_id)
    if body.plan_mode is not None:
        async with call.service.moves.move(chat.id) as move:
            await move.change(plan_mode=body.plan_mode)
    return no_content()


async def _bind(call: Call, chat: ChatRow, workspace_id: str) -> None:
    """Take the chat's workspace away: there is none it could be given.

    Counts as a change of the chat even if it had none.
    """
    if workspace_id != ZERO_UUID:
        raise _no_workspace()
    async with call.service.moves.move(chat.id) as move:
        await move.change(updated_at=move.now)


async def _rename(call: Call, chat: ChatRow, title: str) -> None:
    if not title:
        raise bad_request("Title cannot be empty.")
    if len(title) > _MAX_TITLE:
        raise bad_request(f"Title must be at most {_MAX_TITLE} characters.")
    if title == chat.title:
        return
    async with (
        naming(call.service.moves, chat.id),
        call.service.moves.move(chat.id) as move,
    ):
        await move.change(title=title)
        move.watch("title_change")


def check_plan_mode(mode: str) -> None:
    """Refuse what is no mode.

    Raises:
        RequestError: 400.
    """
    if mode not in ("", "plan"):
        raise bad_request("Invalid plan_mode value.")


def _check_labels(labels: Mapping[str, str]) -> None:
    wrong = tuple(("labels", text) for text in _label_faults(labels))
    if wrong:
        raise RequestError(400, "Invalid labels.", validations=wrong)


def _label_faults(labels: Mapping[str, str]) -> Iterator[str]:
    if len(labels) > MAX_LABELS:
        yield f"too many labels ({len(labels)}); maximum is {MAX_LABELS}"
    for key, value in labels.items():
        if not key:
            yield "label key must not be empty"
        elif len(key.encode()) > _MAX_LABEL_KEY:
            yield f'label key "{key}" exceeds maximum length of {_MAX_LABEL_KEY} bytes'
        elif _LABEL_KEY.fullmatch(key) is None:
            yield (
                f'label key "{key}" contains invalid characters; '
                f"must match ^{_LABEL_KEY.pattern}$"
            )
        if not value:
            yield f'label value for key "{key}" must not be empty'
        elif len(value.encode()) > _MAX_LABEL_VALUE:
            yield (
                f'label value for key "{key}" exceeds maximum length of '
                f"{_MAX_LABEL_VALUE} bytes"
            )


def _check_tools(names: list[str]) -> None:
    if len(names) > MAX_DYNAMIC_TOOLS:
        raise bad_request(
            "Too many dynamic tools.",
            detail=f"Maximum {MAX_DYNAMIC_TOOLS} dynamic tools per chat.",
        )
    seen: set[str] = set()
    for name in names:
        if not name:
            raise bad_request("Dynamic tool name must not be empty.")
        if name in seen:
            raise bad_request(
                "Duplicate dynamic tool name.",
                detail=f'Tool "{name}" appears more than once.',
            )
        seen.add(name)


def _no_workspace() -> RequestError:
    return bad_request("Workspace not found or you do not have access to this resource")
