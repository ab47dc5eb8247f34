"""Calls on what chats cost."""

from __future__ import annotations

from datetime import datetime

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._go import go_time
from coderchat_jupyter.wire.cost import CostSummary

__all__ = ["Costs"]


class Costs:
    """What chats cost."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def summary(
        self,
        user: str = "me",
        *,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> CostSummary:
        """Totals of one user's chats in `[start, end)`, by model and by chat.

        Args:
            user: An id, a name, or `me`.
            start: The server takes 30 days ago if None.
            end: The server takes now if None.

        Raises:
            NotFoundError: No such user, or not for you to see.
            UnsupportedError: The server counts costs elsewhere (after v2.36).
        """
        asked = {"start_date": start, "end_date": end}
        params = {name: go_time(at) for name, at in asked.items() if at is not None}
        found: CostSummary = await self._http.get(
            routes.cost_summary(user), params=params, returns=CostSummary
        )
        return found
