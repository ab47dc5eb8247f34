"""How long a vendor may say nothing. Two rules, as two generations had them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, TypeAlias

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
    """
    limit: float | None = silence.seconds
    async with aclosing(stream):
        while True:
            # Only the wait for the vendor counts, not what is done with an item.
            async with asyncio.timeout(limit):
                item = await anext(stream, None)
            if item is None:
                return
            yield item
            if silence.guarded == "start":
                limit = None
