"""Answers to the tools that a chat runs at this side."""

from __future__ import annotations

from collections.abc import Iterable

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import MAX_BODY_BYTES
from coderchat_jupyter.wire.tools import SubmitToolResults, ToolResult

__all__ = ["Tools"]


class Tools:
    """What the dynamic tools of a chat came to.

    A `ChatSession` with `tools` calls them and submits by itself.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def submit(self, chat_id: ChatId, results: Iterable[ToolResult]) -> None:
        """Answer all the calls that a chat waits for, and let it go on.

        The server waits five minutes for it.

        Args:
            chat_id: A chat in `requires_action`.
            results: Exactly one for each pending call, together at most 256 KiB.

        Raises:
            ConflictError: The chat does not wait, or not any more.
            ForbiddenError: The chat is shared with you, but not yours.
            InvalidRequestError: A call is left out, answered twice or not pending,
                the body is too large, or the chat is archived. Nothing was stored.
            NotFoundError: No such chat.
        """
        body = SubmitToolResults(results=tuple(results))
        path = routes.action(chat_id, "tool-results")
        await self._http.send("POST", path, body, cap=MAX_BODY_BYTES)
