"""Calls on insights: what the work of chats came to."""

from __future__ import annotations

from datetime import datetime

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client.resources._period import period
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.insights import PullRequestInsights

__all__ = ["Insights"]


class Insights:
    """What the work of chats came to (needs to read the deployment's settings)."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def pull_requests(
        self, *, start: datetime | None = None, end: datetime | None = None
    ) -> PullRequestInsights:
        """The pull requests of chats made in `[start, end)`, and what they cost.

        Args:
            start: The server takes 30 days before now if None.
            end: The server takes now if None.

        Raises:
            ForbiddenError: You may not read the deployment's settings.
            InvalidRequestError: The period is not one.
            UnsupportedError: The server has it no more (from v2.35).
        """
        found: PullRequestInsights = await self._http.get(
            routes.PULL_REQUEST_INSIGHTS,
            params=period(start, end),
            returns=PullRequestInsights,
        )
        return found
