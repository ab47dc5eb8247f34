"""A server that was asked to end its run owes what there is of the answer.

It stores that, tells of it, and only then that the chat rests. Should it not, because
it is gone or does not get to it, whoever asked says that the chat rests.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.storage import chats
from coderchat_jupyter.wire.ids import ChatId

if TYPE_CHECKING:
    from coderchat_jupyter.server.engine.moves import Move, Moves

__all__ = ["until_paid"]

_log = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 2.0


async def until_paid(moves: Moves, chat_id: ChatId) -> None:
    """Wait until nobody owes a chat anything; say that it rests if they never will.

    What was asked for is stored by then, so a database that fails now is no failure
    of that: the sweep looks at the chat later.

    Args:
        moves: Where chats change.
        chat_id: The chat, whose lock is not held.
    """
    try:
        await _until_paid(moves, chat_id)
    except (OSError, SQLAlchemyError) as error:
        _log.warning("nobody saw what a chat is owed: %s", type(error).__name__)


async def _until_paid(moves: Moves, chat_id: ChatId) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE_SECONDS
    while (left := end - loop.time()) > 0:
        # Hung up before the look, so that nothing is missed after it.
        bell = moves.bell(chat_id)
        async with moves.database.read() as connection:
            chat = await chats.get_chat(connection, chat_id)
            lives = await moves.pubsub.living(connection)
        if chat is None or not moves.ownership.is_owed_elsewhere(chat, moves.clock()):
            return
        if not lives(str(chat.worker_id)):
            break
        with suppress(TimeoutError):
            # Not `wait_for`: Python 3.11's may lose a cancellation.
            async with asyncio.timeout(left):
                await bell.wait()
    # It may have been deleted meanwhile.
    with suppress(LookupError):
        async with moves.move(chat_id) as move:
            if moves.ownership.is_owed_elsewhere(move.chat, move.now):
                await _rest(moves, move)


async def _rest(moves: Moves, move: Move) -> None:
    lives = await moves.pubsub.living(move.connection)
    is_lost = not lives(str(move.chat.worker_id))
    if is_lost and move.queue and not move.chat.archived:
        await move.apply(Trigger.SWEEP)
        return
    move.tell_status(move.chat.status)
    move.watch("status_change")
