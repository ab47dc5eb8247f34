"""How long a vendor may say nothing, two rules as two generations had them.

And how much it may say: see `Allowance`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, TypeAlias

from coderchat_jupyter.server.engine.allowance import Allowance
from coderchat_jupyter.server.providers._protocol import Item

__all__ = ["Guarded", "Silence", "heard"]

Guarded: TypeAlias = Literal["whole", "start"]


@dataclass(frozen=True, slots=True)
class Silence:
    """When to give a call up.

    Attributes:
        guarded: `whole`: every silence in an answer is limited (v2.34). `start`: only
            the one before its first item is (v2.32 and v2.33).
        seconds: The limit.
    """

    guarded: Guarded = "whole"
    seconds: float = 600.0

    @classmethod
    def of(cls, guarded: Guarded, seconds: float | None = None) -> Silence:
        """A rule with the limit that its generation had, if none is given."""
        usual = 600.0 if guarded == "whole" else 60.0
        return cls(guarded, usual if seconds is None else seconds)


async def heard(
    stream: AsyncGenerator[Item, None], silence: Silence
) -> AsyncGenerator[Item, None]:
    """Pass items on as they come; the stream is closed at the end in any case.

    Raises:
        TimeoutError: It was silent for too long.
        ProviderError: It failed, or said too much.
    """
    allowance = Allowance()
    async with aclosing(stream), asyncio.timeout(None) as alarm:
        watch = _Watch(alarm, silence.seconds)
        try:
            while True:
                # Only the wait for the vendor counts, not what is done with an item.
                watch.begin()
                item = await anext(stream, None)
                watch.end()
                if item is None:
                    return
                allowance.take(item)
                yield item
                if silence.guarded == "start":
                    watch.stop()
        finally:
            watch.stop()


class _Watch:
    """Rings an alarm when a wait is too long.

    One timer looks after many waits: a timer for each would take longer than most
    items do.
    """

    def __init__(self, alarm: asyncio.Timeout, seconds: float) -> None:
        self._alarm = alarm
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._look_again(self._loop.time())

    def begin(self) -> None:
        """A wait begins."""
        self._since = self._loop.time()

    def end(self) -> None:
        """It is over; an alarm that is about to ring does not."""
        self._since = None
        if self._alarm.when() is not None:
            self._alarm.reschedule(None)

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_again(self, since: float) -> None:
        self._timer = self._loop.call_at(since + self._seconds, self._look)

    def _look(self) -> None:
        now = self._loop.time()
        if self._since is None:
            self._look_again(now)
        elif now < self._since + self._seconds:
            self._look_again(self._since)
        else:
            self._alarm.reschedule(now)
