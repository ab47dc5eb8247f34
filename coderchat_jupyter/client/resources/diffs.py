"""Calls on diffs: what an agent changed in its workspace."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire.diffs import DiffContents, DiffStatus, GitChange
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Diffs"]


class Diffs:
    """What an agent changed in its workspace."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def contents(self, chat_id: ChatId) -> DiffContents:
        """The changes as a unified diff: of the pull request, else of the branch.

        A chat without a git repository has only its id; one whose repository the
        server may not read has no `diff`.

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
            ApiError: The git provider failed (500); it may work again later.
        """
        found: DiffContents = await self._http.get(
            routes.diff(chat_id), returns=DiffContents
        )
        return found

    async def status(self, chat_id: ChatId) -> DiffStatus:
        """The pull request of a chat, from servers before v2.32.

        Newer ones have it in the chat: `(await client.chats.get(id)).diff_status`.

        Raises:
            UnsupportedError: The server is newer.
            NotFoundError: No such chat.
        """
        found: DiffStatus = await self._http.get(
            routes.diff_status(chat_id), returns=DiffStatus
        )
        return found

    async def git_changes(self, chat_id: ChatId) -> tuple[GitChange, ...]:
        """The changed files, one by one. The oldest client has this call.

        No release is known to answer it; `contents` has the same as a diff.

        Raises:
            UnsupportedError: The server does not have it.
            NotFoundError: No such chat.
        """
        found: tuple[GitChange, ...] = await self._http.get(
            routes.git_changes(chat_id), returns=Items[GitChange]
        )
        return found
