"""Answers the calls of one chat, for all sessions of this process that have tools.

Lives on the background loop. A call is heard of from a stream, from the watch, or found
in what is stored; whichever it was, it runs once, and all calls of a step are answered
in one post, well before the server gives up on them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    ApiError,
    BusyError,
    CoderChatError,
    ConflictError,
    ConnectionLostError,
    InvalidRequestError,
)
from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.session._known import Unsubscribe
from coderchat_jupyter.session.tools._call import answer_call, failed
from coderchat_jupyter.session.tools._consent import Consent
from coderchat_jupyter.session.tools._fit import fit_results
from coderchat_jupyter.session.tools._tool import Tool
from coderchat_jupyter.state.pending import pending_calls
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.tools import DynamicToolCall, ToolResult

__all__ = ["Attachment", "ToolRunner"]

_log: Final = logging.getLogger(__name__)

BUDGET_SECONDS: Final = 240.0
"""For all calls of a step, asking included; the server waits 300 seconds."""

_POST_SECONDS: Final = 45.0
# The event follows the status at once, if it comes at all.
_GRACE_SECONDS: Final = 0.3
# v2.34 tells statuses twice, and an old one may come between.
_LEAVING_SECONDS: Final = 0.5
_ATTEMPTS: Final = 3


@dataclass(eq=False, slots=True)
class Attachment:
    """The tools that one session brings to a chat."""

    feed: Feed
    tools: dict[str, Tool[..., Any]]
    consent: Consent
    unsubscribe: Unsubscribe = field(default=lambda: None)


class ToolRunner:
    """Answers one chat as long as any session with tools is attached."""

    def __init__(self, client: Client, chat_id: ChatId) -> None:
        self._client = client
        self._chat_id = chat_id
        self._backoff = Backoff()
        self._loop = asyncio.get_running_loop()
        self._attached: list[Attachment] = []
        self._round: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._answered: frozenset[str] = frozenset()
        self._was_parked = False
        self._is_over = False
        self._told: frozenset[str] = frozenset()

    @property
    def is_unused(self) -> bool:
        """Nobody has tools for this chat any more."""
        return not self._attached

    @property
    def is_stale(self) -> bool:
        """Its loop was shut down, and it with it."""
        return self._loop is not asyncio.get_running_loop()

    def attach(self, attachment: Attachment) -> None:
        """Take on the tools of a session."""
        self._attached.append(attachment)
        attachment.unsubscribe = attachment.feed.subscribe(self._look)
        self._look()

    async def detach(self, attachment: Attachment) -> None:
        """Let go of them. The last one ends what runs."""
        attachment.unsubscribe()
        if attachment in self._attached:
            self._attached.remove(attachment)
        if not self._attached:
            await self.cancel()

    async def cancel(self) -> None:
        """End what runs, unanswered. Fine if nothing runs."""
        self._stop_timer()
        self._is_over = True
        ended, self._round = self._round, None
        if ended is not None:
            ended.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ended

    def hear(self, calls: Sequence[DynamicToolCall]) -> None:
        """The watch says that the chat waits for these calls."""
        if self._round is None and not self._is_repeated(tuple(calls)):
            self._begin(tuple(calls))

    def _look(self) -> None:
        """A state of the chat changed."""
        parked = [a.feed.state for a in self._attached if _is_parked(a.feed)]
        if not parked:
            self._left()
            return
        if not self._was_parked:
            self._was_parked, self._is_over = True, False
        actions = next((state.actions for state in parked if state.actions), ())
        if self._round is not None:
            # What is told meanwhile is looked at when the round is over.
            self._stop_timer()
        elif actions and not self._is_repeated(actions):
            self._stop_timer()
            self._begin(actions)
        elif not self._is_over and self._timer is None:
            self._timer = self._loop.call_later(_GRACE_SECONDS, self._recover)

    def _left(self) -> None:
        """The chat does not wait, or not yet."""
        if not self._was_parked:
            return
        if self._round is None:
            self._stop_timer()
            self._forget()
        elif self._timer is None:
            self._timer = self._loop.call_later(_LEAVING_SECONDS, self._give_up)

    def _give_up(self) -> None:
        """Somebody else has ended the wait."""
        self._timer = None
        if any(_is_parked(each.feed) for each in self._attached):
            return
        if self._round is not None:
            self._round.cancel()
            self._round = None
        self._forget()

    def _forget(self) -> None:
        self._was_parked = self._is_over = False
        self._told = frozenset()

    def _recover(self) -> None:
        self._timer = None
        if self._round is None and not self._is_over:
            self._begin(None)

    def _is_repeated(self, calls: tuple[DynamicToolCall, ...]) -> bool:
        return self._is_over and _ids(calls) <= self._told

    def _begin(self, calls: tuple[DynamicToolCall, ...] | None) -> None:
        self._told = _ids(calls or ())
        if calls is not None and self._told & self._answered:
            # Providers use ids again, and servers repeat themselves: what is stored
            # tells which it is.
            calls = None
        name = f"tools of {self._chat_id}"
        self._round = asyncio.create_task(self._answer(calls), name=name)
        self._round.add_done_callback(self._ended)

    def _ended(self, ended: asyncio.Task[None]) -> None:
        if self._round is ended:
            self._round = None
            self._is_over = True
            self._stop_timer()
            self._look()
        if not ended.cancelled() and (error := ended.exception()) is not None:
            # Neither what was asked nor what was answered is for a log.
            kind = type(error).__name__
            _log.warning("Chat %s got no tool results: %s", self._chat_id, kind)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _answer(self, calls: tuple[DynamicToolCall, ...] | None) -> None:
        end = self._loop.time() + BUDGET_SECONDS
        wanted = _once(calls if calls is not None else await self._pending())
        self._told |= _ids(wanted)
        results: dict[str, ToolResult] = {}
        for attempt in range(_ATTEMPTS):
            if not wanted:
                return
            missing = [c for c in wanted if c.tool_call_id not in results]
            for result in await self._run_all(missing, end):
                results[result.tool_call_id] = result
            try:
                answers = [results[c.tool_call_id] for c in wanted]
                await self._post(answers, end + _POST_SECONDS)
            except ConflictError:
                pass  # somebody was quicker, or ended the wait
            except InvalidRequestError:
                before, wanted = wanted, _once(await self._pending())
                self._told |= _ids(wanted)
                if wanted == before and attempt:
                    raise
                if wanted == before:
                    # It is the outputs that it does not take.
                    refused = "The result could not be delivered."
                    results = {c.tool_call_id: failed(c, refused) for c in wanted}
                continue
            self._answered |= _ids(wanted)
            return

    async def _run_all(
        self, calls: Sequence[DynamicToolCall], end: float
    ) -> list[ToolResult]:
        seconds = end - self._loop.time()
        async with asyncio.TaskGroup() as group:
            running = [
                group.create_task(
                    answer_call(self._chat_id, call, *self._for(call), seconds)
                )
                for call in calls
            ]
        return [task.result() for task in running]

    def _for(self, call: DynamicToolCall) -> tuple[dict[str, Tool[..., Any]], Consent]:
        """The tools and the consent of the newest session that has such a tool."""
        for each in reversed(self._attached):
            if call.tool_name in each.tools:
                return each.tools, each.consent
        known = {n: t for each in self._attached for n, t in each.tools.items()}
        return known, Consent()

    async def _pending(self) -> tuple[DynamicToolCall, ...]:
        """What the chat waits for by what is stored of it."""
        attempt = 0
        while True:
            try:
                chat = await self._client.chats.get(self._chat_id)
                if chat.status != "requires_action":
                    return ()
                page = await self._client.messages.list(self._chat_id)
            except ConnectionLostError:
                attempt += 1
                await asyncio.sleep(self._backoff.delay(attempt))
            else:
                return pending_calls(sorted(page.messages, key=lambda m: m.id))

    async def _post(self, results: Sequence[ToolResult], end: float) -> None:
        """Submit, again if nobody can tell whether it arrived.

        A second one that was not needed meets a chat that does not wait.
        """
        cut = await asyncio.to_thread(fit_results, results)
        attempt = 0
        while True:
            try:
                await self._client.tools.submit(self._chat_id, cut)
            except (ConnectionLostError, ApiError) as error:
                attempt += 1
                delay = self._backoff.delay(attempt)
                if not _is_passing(error) or self._loop.time() + delay > end:
                    raise
                await asyncio.sleep(delay)
            except CoderChatError:
                raise
            else:
                return


def _is_parked(feed: Feed) -> bool:
    return feed.state.status == "requires_action" or bool(feed.state.actions)


def _is_passing(error: CoderChatError) -> bool:
    if isinstance(error, ApiError):
        return isinstance(error, BusyError) or error.status >= 500
    return True


def _ids(calls: Sequence[DynamicToolCall]) -> frozenset[str]:
    return frozenset(call.tool_call_id for call in calls)


def _once(calls: Sequence[DynamicToolCall]) -> tuple[DynamicToolCall, ...]:
    return tuple({call.tool_call_id: call for call in calls}.values())
