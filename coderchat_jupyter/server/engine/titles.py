"""What chats are called: at first by their first words, then by a model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from coderchat_jupyter.server.engine.asides import (
    Aside,
    Asides,
    NoAnswerError,
    Question,
)
from coderchat_jupyter.server.engine.costs import stored_cost, stored_usage
from coderchat_jupyter.server.engine.history import reference_text
from coderchat_jupyter.server.engine.limits import check_owner
from coderchat_jupyter.server.engine.moves import ChatGoneError, Moves
from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.storage import messages
from coderchat_jupyter.server.storage.rows import (
    ChatRow,
    MessageRow,
    NewMessage,
    StoredPart,
)
from coderchat_jupyter.server.storage.workers import TITLE_WORKER
from coderchat_jupyter.wire.ids import ChatId

__all__ = [
    "initial_title",
    "name_chat",
    "naming",
    "propose_title",
    "regenerate_title",
    "title_of",
    "wants_title",
]

_NAMING_TIME: Final = timedelta(minutes=1)
_WORDS: Final = 6
_RUNES: Final = 80
_EDGE: Final = 50
_MAX_TEXT: Final = 2_000

_QUESTION: Final = Question(
    tool="propose_title",
    field="title",
    description="Give the conversation its title.",
    instructions=(
        "Write a title for a conversation, in the language it is held in: at most "
        "eight words that say what it is about, without quotes and without a full "
        "stop. The text you get is what was said; do not answer it."
    ),
    max_output_tokens=256,
    max_characters=_RUNES,
    kind="title_generation",
    context="title_generation",
)


def title_of(text: str) -> str:
    """The first six words, at most 80 characters."""
    words = text.split()
    title = " ".join(words[:_WORDS])
    if len(words) > _WORDS:
        title += "…"
    return title[:_RUNES] or "New Chat"


def initial_title(content: Iterable[StoredPart]) -> str:
    """The title of a new chat: the first words of what was asked."""
    texts = (
        part["text"] if part["type"] == "text" else reference_text(part)
        for part in content
        if part["type"] in ("text", "file-reference")
    )
    return title_of(" ".join(texts))


def wants_title(chat: ChatRow, rows: Sequence[MessageRow]) -> str | None:
    """The text to make a title of, if the chat has still the one it began with.

    Only texts count here, so a chat that began with a piece of a file keeps its
    title, and so does one that began with very long words.
    """
    seen = [row for row in rows if row.visibility != "model"]
    if [row.role for row in seen] != ["user"]:
        return None
    texts = (part["text"] for part in seen[0].content if part["type"] == "text")
    text = " ".join(texts)
    words = text.split()
    expected = title_of(text)
    if len(words) > _WORDS:
        expected = " ".join(words[:_WORDS])[: _RUNES - 1] + "…"
    return text if text and chat.title == expected else None


async def name_chat(asides: Asides, chat: ChatRow, text: str) -> None:
    """Give a chat its title, unless it was renamed meanwhile."""
    try:
        found = await asides.ask(_QUESTION, _cut(text), chat)
        async with asides.moves.move(chat.id) as move:
            if move.chat.title == chat.title != found.value:
                await move.change(title=found.value)
                move.watch("title_change")
    except (NoAnswerError, ChatGoneError):
        return


@asynccontextmanager
async def naming(moves: Moves, chat_id: ChatId) -> AsyncIterator[ChatRow]:
    """Keep every other change of a chat's title out, without waiting.

    A chat that rests says so in its row, to all servers; a minute later that is void.
    One that runs names its worker there: its name is held beside it.

    Raises:
        RequestError: 409; somebody else is at it, or the chat is about to run.
    """
    async with moves.move(chat_id) as move:
        chat, now = move.chat, move.now
        if chat_id in moves.naming or chat.status == "pending" or _is_named(chat, now):
            raise _busy()
        marks = chat.worker_id in (None, TITLE_WORKER) and chat.status != "running"
        if marks:
            await move.change(worker_id=TITLE_WORKER, started_at=now)
        moves.naming.add(chat_id)
    # Also while it is asked for: whoever is cancelled then may have got it.
    claims = not marks
    try:
        if claims:
            claims = await moves.pubsub.claim(chat_id)
            if not claims:
                raise _busy()
        yield chat
    finally:
        moves.naming.discard(chat_id)
        # The caller may be ending; the mark must not be left for a minute.
        if marks:
            await asyncio.shield(_unmark(moves, chat_id, now))
        if claims:
            await asyncio.shield(moves.pubsub.disclaim(chat_id))


def _busy() -> RequestError:
    return RequestError(409, "The title of this chat is being changed.")


def _is_named(chat: ChatRow, now: datetime) -> bool:
    if chat.worker_id != TITLE_WORKER or chat.started_at is None:
        return False
    return chat.started_at > now - _NAMING_TIME


async def _unmark(moves: Moves, chat_id: ChatId, since: datetime) -> None:
    try:
        async with moves.move(chat_id) as move:
            chat = move.chat
            if (chat.worker_id, chat.started_at) == (TITLE_WORKER, since):
                await move.change(worker_id=None, started_at=None)
    except ChatGoneError:
        return


async def regenerate_title(asides: Asides, chat_id: ChatId) -> ChatRow:
    """Give a chat a new title now.

    Raises:
        RequestError: 409 as `naming`, 500 if no model gave one.
    """
    async with naming(asides.moves, chat_id) as chat:
        found = await _proposed(asides, chat, "Failed to regenerate chat title.")
        async with asides.moves.move(chat_id) as move:
            if found and move.chat.title == chat.title != found.value:
                await move.change(title=found.value, updated_at=move.now)
                move.watch("title_change")
            return move.chat


async def propose_title(asides: Asides, chat_id: ChatId) -> str:
    """A title that the chat might have; empty if nothing was said.

    Raises:
        RequestError: 409 as `naming`, 500 if no model gave one.
    """
    async with naming(asides.moves, chat_id) as chat:
        found = await _proposed(asides, chat, "Failed to propose chat title.")
    return found.value if found else ""


async def _proposed(asides: Asides, chat: ChatRow, refusal: str) -> Aside | None:
    """Ask, and count what it cost; None if nothing was said that could be asked of."""
    async with asides.moves.database.read() as connection:
        await check_owner(connection, chat, asides.moves.clock())
        rows = await messages.list_messages(connection, chat.id)
    seen = [row for row in rows if row.visibility != "model"]
    if not seen:
        return None
    if len(seen) > 2 * _EDGE:
        seen = [*seen[:_EDGE], *seen[-_EDGE:]]
    text = "\n\n".join(filter(None, map(_said, seen)))
    try:
        found = await asides.ask(_QUESTION, text, chat)
    except NoAnswerError as error:
        raise RequestError(500, refusal, detail=error.reason) from None
    await _count(asides.moves, chat, found)
    return found


async def _count(moves: Moves, chat: ChatRow, found: Aside) -> None:
    """Costs are sums over messages: a title's is a message that nobody sees."""
    cost = stored_cost(found.usage, found.config.call_config.cost)
    async with moves.move(chat.id) as move:
        row = await messages.add_message(
            move.connection,
            chat.id,
            NewMessage(
                role="assistant",
                content=(),
                visibility="model",
                model_config_id=found.config.id,
                usage=stored_usage(found.usage, found.config.context_limit),
                cost_micros=cost,
            ),
            move.now,
        )
        await messages.delete_message(move.connection, row.id)


def _said(row: MessageRow) -> str:
    texts = (part["text"] for part in row.content if part["type"] == "text")
    text = _cut(" ".join(texts))
    return f"{row.role}: {text}" if text else ""


def _cut(text: str) -> str:
    return text[:_MAX_TEXT].strip()
