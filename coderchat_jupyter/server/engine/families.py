"""Chats that belong together: a chat, and the children its model made."""

from __future__ import annotations

from coderchat_jupyter.server.engine.commands import MAX_QUEUED
from coderchat_jupyter.server.engine.moves import ChatGoneError, Move, Moves
from coderchat_jupyter.server.engine.step import stored
from coderchat_jupyter.server.engine.titles import title_of
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.failures import RequestError, bad_request
from coderchat_jupyter.server.storage import chats, messages
from coderchat_jupyter.server.storage.rows import ChatRow, MessageRow, NewMessage
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.parts import TextPart

__all__ = ["close_child", "message_child", "report_of", "set_archived", "spawn_child"]


async def spawn_child(
    moves: Moves,
    parent: ChatRow,
    kind: str,
    prompt: str,
    *,
    title: str,
    model_config_id: ModelConfigId,
) -> ChatRow:
    """Make a child that begins to work at its prompt; it knows nothing else.

    Args:
        moves: Where chats change.
        parent: Whose child it is; it may not be a child itself.
        kind: What the child may do: `general` or `explore`.
        prompt: What it is told.
        title: Empty for the first words of the prompt.
        model_config_id: The model that answers in it.

    Raises:
        RequestError: 400 for a parent that was archived meanwhile.
    """
    now = moves.clock()
    async with moves.database.write() as connection:
        current = await chats.get_chat(connection, parent.id)
        if current is None or current.archived:
            raise bad_request("Cannot modify an archived chat.")
        child_id = await chats.add_chat(
            connection,
            now,
            organization_id=parent.organization_id,
            owner_id=parent.owner_id,
            model_config_id=model_config_id,
            title=title or title_of(prompt),
            labels={},
            client_type=parent.client_type,
            plan_mode=parent.plan_mode,
            parent=parent,
            subagent_type=kind,
            # One that only looks things up has no tools but its own.
            mcp_server_ids=() if kind == "explore" else parent.mcp_server_ids,
        )
        first = NewMessage(
            role="user",
            content=(stored(TextPart(text=prompt)),),
            created_by=parent.owner_id,
            model_config_id=model_config_id,
        )
        await messages.add_message(connection, child_id, first, now)
        child = await chats.get_chat(connection, child_id)
    if child is None:  # pragma: no cover
        raise ChatGoneError(child_id)
    await moves.created(child)
    return child


async def message_child(
    moves: Moves, child_id: ChatId, text: str, *, interrupting: bool
) -> ChatRow:
    """Send a child another message, as its owner would.

    Raises:
        RequestError: 400 for an archived child, 429 for one whose queue is full.
    """
    trigger = Trigger.SEND_INTERRUPTING if interrupting else Trigger.SEND
    async with moves.move(child_id) as move:
        if move.chat.archived:
            raise bad_request("Cannot modify an archived chat.")
        if len(move.queue) >= MAX_QUEUED:
            raise RequestError(429, "Message queue is full.")
        await move.bring(
            trigger,
            (stored(TextPart(text=text)),),
            sender=move.chat.owner_id,
            model_config_id=move.chat.last_model_config_id,
        )
        return move.chat


async def close_child(moves: Moves, child_id: ChatId) -> ChatRow:
    """Stop a child. It is not archived, and may be sent messages again."""
    async with moves.move(child_id) as move:
        await move.apply(Trigger.CLOSE)
        return move.chat


async def report_of(moves: Moves, chat_id: ChatId) -> str:
    """The last thing that was answered in a chat."""
    async with moves.database.read() as connection:
        rows = await messages.list_messages(connection, chat_id)
    answers = (_text(row) for row in reversed(rows) if row.role == "assistant")
    return next(filter(None, answers), "")


async def set_archived(moves: Moves, chat_id: ChatId, *, archived: bool) -> None:
    """Put a chat and its children away, stopping what runs, or take them back.

    Its owner is told of each chat, of the first one first, but not before all that
    ran in the family has stopped.

    Raises:
        RequestError: 400; it is so already, or it is the child of an archived chat.
    """
    async with moves.move(chat_id) as move:
        if move.chat.archived == archived:
            state = "already archived" if archived else "not archived"
            raise bad_request(f"Chat is {state}.")
        if not archived and await _has_archived_parent(move):
            raise bad_request("Cannot unarchive the child of an archived chat.")
        await _put(move, archived=archived)
    # From now on there is no further child of an archived chat.
    async with moves.database.read() as connection:
        children = await chats.children_of(connection, [chat_id])
    family = [child.id for child, _ in reversed(children) if archived or child.archived]
    for child_id in family:
        async with moves.move(child_id) as move:
            await _put(move, archived=archived)
    for member_id in (chat_id, *family):
        async with moves.move(member_id) as move:
            # Somebody may have been quick to take it back.
            if move.chat.archived == archived:
                move.watch("deleted" if archived else "created")


async def _put(move: Move, *, archived: bool) -> None:
    if archived:
        await move.apply(Trigger.ARCHIVE)
        await move.change(pin_order=0)
    await move.change(archived=archived, updated_at=move.now)


async def _has_archived_parent(move: Move) -> bool:
    if move.chat.parent_chat_id is None:
        return False
    parent = await chats.get_chat(move.connection, move.chat.parent_chat_id)
    return parent is not None and parent.archived


def _text(row: MessageRow) -> str:
    return "".join(part["text"] for part in row.content if part["type"] == "text")
