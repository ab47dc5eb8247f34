"""From the first to the last word of one turn, and what is left of it then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from coderchat_jupyter.bridge.render import Footer, turn_bundle
from coderchat_jupyter.bridge.turn_twin import twin
from coderchat_jupyter.errors import AnswerError, CoderChatError
from coderchat_jupyter.magics import _turn
from coderchat_jupyter.magics._models import Bill, bill
from coderchat_jupyter.session import ChatSession
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import is_busy, turn_from
from coderchat_jupyter.wire.chats import SETTLED_STATUSES
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.messages import Usage
from coderchat_jupyter.wire.models import ModelConfig

__all__ = ["Ending", "ending", "until_over"]

_SILENT: Final = 1.0
"""Seconds after which the server is asked whether a turn still runs."""

_LATE: Final = 1.0
"""Seconds that a turn's last message may come after its final status (v2.34)."""


_NO_BILL: Final = Bill("", None)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended, and what its cell shows from then on.

    Attributes:
        status: The last one.
        error: Why there is no whole answer.
        bundle: The answer by MIME type; empty when there is nothing to keep.
        usage: Tokens of all model calls.
        bill: Who answered and for how much.
    """

    status: Literal["done", "stopped", "error"]
    error: CoderChatError | None = None
    bundle: Mapping[str, str] = field(default_factory=dict)
    usage: Usage | None = None
    bill: Bill = _NO_BILL


async def until_over(session: ChatSession, turn: int) -> None:
    """Wait until nothing more can come in a turn."""

    def is_over(state: ChatState) -> bool:
        return _turn.is_over(state, turn)

    while not is_over(session.state):
        try:
            # Not `wait_for`: Python 3.11's may lose a cancellation.
            async with asyncio.timeout(_SILENT):
                await session.until(is_over)
        except TimeoutError:
            # A turn that was stopped before it began leaves no trace in the stream.
            if await _is_settled(session, turn):
                break
    if session.state.status == "error":
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LATE):
            await session.until(lambda s: _turn.is_stored(s, turn))


async def ending(
    session: ChatSession,
    turn: int,
    *,
    is_stopped: bool,
    lost: CoderChatError | None = None,
) -> Ending:
    """Sum up a turn that is over.

    Args:
        session: The chat.
        turn: Its turn.
        is_stopped: A user ended it.
        lost: Why no more of it can be seen, if that is what ended it.
    """
    state = session.state
    if lost is not None:
        state = replace(state, status="error", error=ChatError(message=str(lost)))
    cost = bill(state, turn, await _configs(session))
    seen = twin(state, turn)
    error = lost or (AnswerError(seen.error) if seen.error else None)
    footer = Footer(cost.model, cost.micros, is_stopped and error is None)
    return Ending(
        status="error" if error else "stopped" if is_stopped else "done",
        error=error,
        bundle=turn_bundle(state, turn, footer),
        usage=seen.usage,
        bill=cost,
    )


async def _is_settled(session: ChatSession, turn: int) -> bool:
    """The server says that nothing runs, and the stream has had time to say more."""
    state = session.state
    if session.link.phase != "live" or state.status is None or is_busy(state):
        return False
    if turn_from(state, turn) is None:
        return False
    chat = await session.client.chats.get(session.chat_id)
    return chat.status in SETTLED_STATUSES


async def _configs(session: ChatSession) -> Sequence[ModelConfig]:
    if session.link.phase not in ("connecting", "live"):
        return ()
    try:
        return await session.client.model_configs.list()
    except CoderChatError:  # an answer without its price is still an answer
        return ()
