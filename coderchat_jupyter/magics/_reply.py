"""What `%%chat` hands out: one answer, from the prompt to the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from coderchat_jupyter.errors import CoderChatError
    from coderchat_jupyter.magics._follow import Ending
    from coderchat_jupyter.state.chat_state import ChatState
    from coderchat_jupyter.wire.ids import ChatId
    from coderchat_jupyter.wire.messages import Usage

__all__ = ["Facts", "Reply", "ReplyStatus"]

ReplyStatus: TypeAlias = Literal[
    "starting", "queued", "running", "done", "stopped", "error"
]

_TICK: Final = 0.1
"""Seconds between looks at an interrupt; a silent wait would not notice one."""

_STOPPING: Final = 5.0
"""Seconds that an interrupted wait allows a stop to take effect."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known about an answer at one moment; replaced, never changed."""

    status: ReplyStatus = "starting"
    notice: str = ""
    state: ChatState | None = None
    chat_id: ChatId | None = None
    message_id: int | None = None
    error: CoderChatError | None = None
    usage: Usage | None = None
    cost_micros: int | None = None
    model: str = ""


class Reply:
    """One answer: read it, wait for it, await it, stop it.

    Returned while the answer is still being written. May be used from any thread and
    awaited on any event loop. Waiting never raises what went wrong with the answer:
    look at `status` and `error`, or call `raise_for_error`.

    Attributes:
        prompt: What was asked, to the letter.
    """

    def __init__(self, prompt: str, on_stop: Callable[[Reply], None]) -> None:
        self.prompt = prompt
        self._facts = Facts()
        self._on_stop = on_stop
        self._ended: Future[None] = Future()
        self._ended.set_running_or_notify_cancel()
        self._read: Callable[[], ChatState] | None = None
        self._on_waited: Callable[[], None] | None = None

    @property
    def status(self) -> ReplyStatus:
        """`starting`, `queued`, `running`; in the end `done`, `stopped` or `error`."""
        return self._facts.status

    @property
    def is_done(self) -> bool:
        """The answer has ended, and its cell shows the end of it."""
        return self._ended.done()

    @property
    def text(self) -> str:
        """What the model has said so far, in Markdown. Thoughts and tools are apart."""
        facts = self._facts
        state = facts.state if self._read is None else self._read()
        if state is None or facts.message_id is None:
            return ""
        from coderchat_jupyter.magics._turn import said

        return said(state, facts.message_id)

    @property
    def chat_id(self) -> ChatId | None:
        """The chat; None before it is made."""
        return self._facts.chat_id

    @property
    def message_id(self) -> int | None:
        """The user message that this answers; None before it is stored."""
        return self._facts.message_id

    @property
    def error(self) -> CoderChatError | None:
        """Why there is no answer, or only a part of one."""
        return self._facts.error

    @property
    def usage(self) -> Usage | None:
        """Tokens of all model calls of this answer, once it has ended."""
        return self._facts.usage

    @property
    def cost_micros(self) -> int | None:
        """Estimate in millionths of a US dollar; 0 is free, None is unpriced."""
        return self._facts.cost_micros

    @property
    def model(self) -> str:
        """Name of the model that answered, once the answer has ended."""
        return self._facts.model

    def wait(self, timeout: float | None = None) -> Reply:
        """Block until the answer has ended and the cell shows it; return this reply.

        An interrupt of the kernel stops the answer, too; what there is of it stays.

        Args:
            timeout: Seconds; None waits for ever.

        Raises:
            TimeoutError: It has not ended yet. It goes on.
        """
        give_up = None if timeout is None else time.monotonic() + timeout
        try:
            while not self._wait_a_tick(give_up):
                pass
        except KeyboardInterrupt:
            self.stop()
            self._settle()
            raise
        return self._waited()

    def stop(self) -> None:
        """Stop the answer; returns at once. What there is of it stays.

        A prompt that still waits is not sent. Nothing happens to an answer that has
        ended.
        """
        if not self.is_done:
            self._on_stop(self)

    def raise_for_error(self) -> Reply:
        """Raise what went wrong, if something did; return this reply."""
        if self.error is not None:
            raise self.error
        return self

    def __await__(self) -> Generator[Any, None, Reply]:
        return self._join().__await__()

    async def _join(self) -> Reply:
        # Waiting in ticks: a kernel's interrupt is only noticed when its loop wakes.
        ended = asyncio.wrap_future(self._ended)
        try:
            while not ended.done():
                await asyncio.wait({ended}, timeout=_TICK)
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait({ended}, timeout=_STOPPING)
            raise
        return self._waited()

    def _wait_a_tick(self, give_up: float | None) -> bool:
        left = _TICK if give_up is None else give_up - time.monotonic()
        with suppress(FutureTimeout):
            self._ended.result(max(0.0, min(_TICK, left)))
            return True
        if give_up is not None and left <= _TICK and not self._ended.done():
            raise TimeoutError("The answer has not ended yet; it goes on.")
        return False

    def _settle(self) -> None:
        """Give a stop the time that it takes, and no more."""
        give_up = time.monotonic() + _STOPPING
        with suppress(TimeoutError):
            while not self._wait_a_tick(give_up):
                pass

    def _waited(self) -> Reply:
        if self._on_waited is not None:
            self._on_waited()
        return self

    def _note(self, **changes: Any) -> None:
        """Learn something; only the conversation calls this."""
        self._facts = replace(self._facts, **changes)

    def _follow(self, read: Callable[[], ChatState]) -> None:
        self._read = read

    def _conclude(self, end: Ending) -> None:
        """Learn how it ended, before anybody is shown it."""
        state = None if self._read is None else self._read()
        self._note(
            status=end.status,
            notice="",
            state=state,
            error=end.error,
            usage=end.usage,
            cost_micros=end.bill.micros,
            model=end.bill.model,
        )
        # The state is kept, the session is not: replies live as long as a notebook.
        self._read = None

    def _end(self) -> None:
        """Let go of those who wait: the end is shown."""
        self._ended.set_result(None)

    def __repr__(self) -> str:
        from coderchat_jupyter.bridge._clean import strip_controls

        said = " ".join(strip_controls(self.text[:200]).split())
        start = f" {said[:60]!r}" if said else ""
        return f"<Reply {self.status}{start}>"

    def _repr_markdown_(self) -> str | None:
        from coderchat_jupyter.bridge._clean import safe_markdown

        return safe_markdown(self.text) or None
