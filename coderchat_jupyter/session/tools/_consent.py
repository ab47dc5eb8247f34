"""Whether a call may run.

Who gives tools to a session in code has agreed to their calls, unless they say with
`approve` that they want to be asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from coderchat_jupyter.session.tools._threads import in_thread
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Approval", "Approve", "Consent", "ToolRequest"]

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRequest:
    """A call that wants to run.

    Attributes:
        chat_id: The chat whose agent asks.
        call_id: Which call, as the server names it.
        name: The tool.
        arguments: What it is to be called with; checked against the types already.
    """

    chat_id: ChatId
    call_id: str
    name: str
    arguments: Mapping[str, Any] = field(repr=False)


Approval: TypeAlias = bool | Literal["tool", "session"]
"""False: not this call. True: this one. `tool`, `session`: from now on unasked."""

Approve: TypeAlias = Callable[[ToolRequest], Approval | Awaitable[Approval]]
"""Called for each call, one at a time; a plain function on a thread."""


class Consent:
    """What one session was allowed so far."""

    def __init__(self, approve: Approve | None = None) -> None:
        self._approve = approve
        self._all = approve is None
        self._tools: set[str] = set()
        self._asking = asyncio.Lock()

    async def allows(self, request: ToolRequest) -> bool:
        """Ask, unless it was allowed for good. What fails is a no."""
        if self._approve is None:
            return True
        # One question at a time: whoever answers them is one person.
        async with self._asking:
            if self._all or request.name in self._tools:
                return True
            try:
                answer = await in_thread(self._approve, (request,), {}, "approve")
            except Exception as error:  # noqa: BLE001  no answer is no consent
                kind = type(error).__name__
                _log.warning("The consent to %s was not given: %s", request.name, kind)
                return False
        if answer == "session":
            self._all = True
        elif answer == "tool":
            self._tools.add(request.name)
        return answer is True or answer in ("tool", "session")
