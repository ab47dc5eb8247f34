"""What users do to a chat, each one move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from coderchat_jupyter.server.engine import preferences
from coderchat_jupyter.server.engine.limits import check_budget
from coderchat_jupyter.server.engine.moves import ChatGoneError, Move, Moves
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.failures import RequestError, bad_request
from coderchat_jupyter.server.storage import chats, messages, model_configs
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.debug_runs import drop_runs
from coderchat_jupyter.server.storage.rows import (
    ChatRow,
    MessageRow,
    NewMessage,
    QueuedRow,
    StoredPart,
    UserRow,
)
from coderchat_jupyter.wire.events import QueueUpdateEvent
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId, OrganizationId

__all__ = [
    "MAX_QUEUED",
    "create_chat",
    "drop_queued",
    "edit_message",
    "interrupt",
    "model_of_new_chat",
    "promote",
    "send_message",
]

MAX_QUEUED = 20


async def model_of_new_chat(
    database: Database, owner: UserRow, wanted: str | None
) -> ModelConfigId:
    """The model a new chat is for: the one wanted, or what its owner usually takes.

    Whether the wanted one exists is seen when the chat is stored.

    Raises:
        RequestError: 400 if there is no usual one.
    """
    if wanted is not None:
        return ModelConfigId(wanted)
    async with database.read() as connection:
        own = await preferences.model_for(connection, owner.id, "root")
        if own is not None:
            return own
        model = await model_configs.default_model_config(connection)
    if model is None:
        raise bad_request("No default chat model config is configured.")
    return model.id


async def create_chat(
    moves: Moves,
    owner: UserRow,
    content: tuple[StoredPart, ...],
    *,
    organization_id: OrganizationId,
    model_config_id: ModelConfigId,
    title: str,
    system_prompt: str,
    labels: Mapping[str, str],
    client_type: str,
    plan_mode: str = "",
    dynamic_tools: Sequence[Mapping[str, Any]] = (),
    mcp_server_ids: Sequence[str] = (),
) -> ChatRow:
    """Store a chat with its first message, and let it run.

    Raises:
        RequestError: 409 for a budget that is spent; 400 if there is no such model.
    """
    now = moves.clock()
    async with moves.database.write() as connection:
        await check_budget(connection, owner, organization_id, now)
        if await model_configs.get_model_config(connection, model_config_id) is None:
            raise bad_request(
                "Invalid model config ID.",
                detail=f"there is no model config {model_config_id}",
            )
        chat_id = await chats.add_chat(
            connection,
            now,
            organization_id=organization_id,
            owner_id=owner.id,
            model_config_id=model_config_id,
            title=title,
            labels=labels,
            client_type=client_type,
            plan_mode=plan_mode,
            dynamic_tools=dynamic_tools,
            mcp_server_ids=mcp_server_ids,
        )
        general = await preferences.deployment_prompt(connection)
        said = NewMessage(role="user", content=content, created_by=owner.id)
        for new in (*_system_messages(general, system_prompt), said):
            first = replace(new, model_config_id=model_config_id)
            await messages.add_message(connection, chat_id, first, now)
        chat = await chats.get_chat(connection, chat_id)
    if chat is None:  # pragma: no cover
        raise ChatGoneError(chat_id)
    await moves.created(chat)
    return chat


def _system_messages(*texts: str) -> Iterator[NewMessage]:
    """What models are told first, and nobody else."""
    for text in filter(str.strip, texts):
        part = {"type": "text", "text": text}
        yield NewMessage(role="system", content=(part,), visibility="model")


async def send_message(
    moves: Moves,
    chat_id: ChatId,
    sender: UserRow,
    content: tuple[StoredPart, ...],
    *,
    model_config_id: str | None,
    interrupting: bool,
    plan_mode: str | None = None,
    mcp_server_ids: Sequence[str] | None = None,
) -> MessageRow | QueuedRow:
    """Store a message and let the chat run, or queue it behind what runs.

    Raises:
        RequestError: 409 for a budget that is spent, 400 for an archived chat or an
            unknown model, 429 for a full queue.
    """
    async with moves.move(chat_id) as move:
        await _check_budget(move, sender)
        if move.chat.archived:
            raise _archived()
        if len(move.queue) >= MAX_QUEUED:
            raise RequestError(
                429,
                "Message queue is full.",
                detail=f"Maximum {MAX_QUEUED} messages can be queued.",
            )
        if plan_mode is not None:
            await move.change(plan_mode=plan_mode)
        if mcp_server_ids is not None and move.chat.subagent_type != "explore":
            ids = tuple(mcp_server_ids)
            await move.change(mcp_server_ids=ids, updated_at=move.now)
        trigger = Trigger.SEND_INTERRUPTING if interrupting else Trigger.SEND
        return await move.bring(
            trigger,
            content,
            sender=sender.id,
            model_config_id=await _model_for(move, model_config_id),
        )


async def edit_message(
    moves: Moves,
    chat_id: ChatId,
    message_id: int,
    sender: UserRow,
    content: tuple[StoredPart, ...],
    *,
    model_config_id: str | None,
) -> MessageRow:
    """Put a new message in place of an old one and all that followed it.

    Raises:
        RequestError: 404 for a message that is not of this chat, 400 for one that
            no user wrote or an unknown model.
    """
    async with moves.move(chat_id) as move:
        await _check_budget(move, sender)
        if move.chat.archived:
            raise _archived()
        old = await messages.get_message(move.connection, chat_id, message_id)
        if old is None or old.visibility == "model":
            raise RequestError(
                404,
                "Chat message not found.",
                detail="Message does not belong to this chat.",
            )
        if old.role != "user":
            raise bad_request("Only user messages can be edited.")
        model = await _model_for(move, model_config_id, old.model_config_id)
        await messages.delete_messages_from(move.connection, chat_id, message_id)
        await drop_runs(move.connection, chat_id, since_message=message_id)
        new = await move.bring(
            Trigger.EDIT, content, sender=sender.id, model_config_id=model
        )
    if not isinstance(new, MessageRow):  # pragma: no cover
        msg = "an edit is never queued"
        raise TypeError(msg)
    return new


async def interrupt(moves: Moves, chat_id: ChatId) -> ChatRow:
    """Stop what runs, keeping what there is of the answer."""
    async with moves.move(chat_id) as move:
        transition = await move.apply(Trigger.INTERRUPT)
        chat = move.chat
    # What waits is promoted in the same move; the interrupt itself ends in waiting.
    rests = transition is not None and transition.rests_first
    return replace(chat, status="waiting") if rests else chat


async def promote(moves: Moves, chat_id: ChatId, queued_id: int) -> None:
    """Let a queued message run next: now, cutting what runs.

    Raises:
        RequestError: 400 for an archived chat, 500 for an unknown message, as the
            reference has it.
    """
    async with moves.move(chat_id) as move:
        if move.chat.archived:
            raise _archived()
        if all(entry.id != queued_id for entry in move.queue):
            raise RequestError(
                500,
                "Failed to promote queued message.",
                detail=f"queued message {queued_id} not found",
            )
        await messages.move_to_front(move.connection, chat_id, queued_id)
        move.queue[:] = await messages.list_queue(move.connection, chat_id)
        is_cut = move.chat.status == "running"
        if is_cut:
            move.tell_queue()
        await move.apply(Trigger.PROMOTE)
        if not is_cut:
            # That it left the queue is told first, before what the queue waited for.
            move.notices.sort(key=lambda told: not isinstance(told, QueueUpdateEvent))


async def drop_queued(moves: Moves, chat_id: ChatId, queued_id: int) -> None:
    """Take a message out of the queue; told to all, also if it was not there."""
    async with moves.move(chat_id) as move:
        await messages.drop_queued(move.connection, chat_id, queued_id)
        move.queue[:] = [entry for entry in move.queue if entry.id != queued_id]
        move.tell_queue()


async def _check_budget(move: Move, sender: UserRow) -> None:
    home = move.chat.organization_id
    await check_budget(move.connection, sender, home, move.now)


def _archived() -> RequestError:
    """400: an archived chat only rests."""
    return bad_request("Cannot modify an archived chat.")


async def _model_for(
    move: Move, wanted: str | None, usual: ModelConfigId | None = None
) -> ModelConfigId:
    """The model a new message is for: the one wanted, else the one in use.

    Raises:
        RequestError: 400 if `wanted` does not exist, 500 if nothing does.
    """
    if wanted is not None:
        if await model_configs.get_model_config(move.connection, wanted) is None:
            raise bad_request("Invalid model config ID.")
        return ModelConfigId(wanted)
    for known in (usual, move.chat.last_model_config_id):
        if known is not None and await model_configs.get_model_config(
            move.connection, known
        ):
            return known
    default = await model_configs.default_model_config(move.connection)
    if default is None:
        raise RequestError(
            500,
            "Failed to create chat message.",
            detail="no default chat model config is configured",
        )
    return default.id
