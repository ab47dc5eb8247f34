"""What a chat's last turn came to, in a few words for lists of chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from coderchat_jupyter.server.engine.asides import (
    Asides,
    NoAnswerError,
    Question,
    is_slow,
)
from coderchat_jupyter.server.engine.models import ChosenModel
from coderchat_jupyter.server.engine.moves import ChatGoneError, Move
from coderchat_jupyter.server.storage import messages
from coderchat_jupyter.server.storage.rows import ChatRow, MessageRow

__all__ = ["Finished", "finish_label", "label_turn"]

_FINISHED: Final = "Finished latest turn"
_GOES_ON: Final = "Still working on the latest turn"
_MAX_TEXT: Final = 4_000

_QUESTION: Final = Question(
    tool="propose_turn_status_label",
    field="label",
    description="Say in two to five words where the conversation stands.",
    instructions=(
        "You get the last thing a user asked for and what was answered. Say in two "
        "to five words where the work stands now, like an entry in a list of tasks: "
        "no quotes, no full stop. Do not answer the user."
    ),
    max_output_tokens=64,
    max_characters=80,
)


@dataclass(frozen=True, slots=True)
class Finished:
    """A turn that is over, and has yet to be put in words."""

    chat: ChatRow
    asked: str
    answered: str


async def finish_label(move: Move, model: ChosenModel) -> Finished | None:
    """Label the turn that a move has just ended.

    Only the first chat of a family has labels. Where no model is to be asked, a
    phrase is stored at once.

    Returns:
        What a model is to put in words; None if that is not needed.
    """
    if move.chat.parent_chat_id is not None:
        return None
    rows = await messages.list_messages(move.connection, move.chat.id)
    answered = _text(rows[-1]) if rows and rows[-1].role == "assistant" else ""
    phrase = _GOES_ON if move.chat.status == "pending" else _FINISHED
    if phrase == _FINISHED and answered and not is_slow(model.config):
        asked = next((_text(row) for row in reversed(rows) if row.role == "user"), "")
        return Finished(move.chat, asked, answered)
    if move.chat.last_turn_summary != phrase:
        await move.change(last_turn_summary=phrase)
        move.watch("summary_change")
    return None


async def label_turn(asides: Asides, turn: Finished) -> None:
    """Put a turn in words, unless the chat has gone on meanwhile."""
    text = f"Asked: {turn.asked}\n\nAnswered: {turn.answered}"
    try:
        try:
            found = await asides.ask(_QUESTION, text, turn.chat)
            label = found.value
        except NoAnswerError:
            label = _FINISHED
        async with asides.moves.move(turn.chat.id) as move:
            if move.chat.updated_at == turn.chat.updated_at:
                await move.change(last_turn_summary=label)
                move.watch("summary_change")
    except ChatGoneError:
        return


def _text(row: MessageRow) -> str:
    texts: Sequence[str] = [p["text"] for p in row.content if p["type"] == "text"]
    return " ".join(texts)[:_MAX_TEXT].strip()
