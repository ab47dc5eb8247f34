"""Calls on debug runs: what was really asked of a provider."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire.debug import DebugRun, DebugRunSummary
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Debug"]


class Debug:
    """What was really asked of a provider (servers from v2.33).

    There is a run for each turn, title and turn label that was made while debug
    logging was on for the chat's owner (`client.settings`).
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def runs(self, chat_id: ChatId) -> tuple[DebugRunSummary, ...]:
        """The newest runs of a chat, newest first; at most 100.

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
        """
        found: tuple[DebugRunSummary, ...] = await self._http.get(
            routes.debug_runs(chat_id), returns=Items[DebugRunSummary]
        )
        return found

    async def run(self, chat_id: ChatId, run_id: str) -> DebugRun:
        """One run with all its steps, in order.

        The bodies of provider calls are base64; `step.readable_attempts` has them as
        values and texts.

        Raises:
            NotFoundError: No such run in this chat.
        """
        found: DebugRun = await self._http.get(
            routes.debug_run(chat_id, run_id), returns=DebugRun
        )
        return found
