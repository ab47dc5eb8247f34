"""Calls on chats: make, find, change, stop, follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client._pages import Pages, chat_pages
from coderchat_jupyter.client._stream import (
    Batches,
    GitWatch,
    Happenings,
    Streams,
)
from coderchat_jupyter.client.resources._chat_actions import ChatActions
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._values import Items, Table
from coderchat_jupyter.wire.chats import (
    Chat,
    ChatWithMessages,
    ClientType,
    CreateChat,
    DynamicTool,
    UpdateChat,
)
from coderchat_jupyter.wire.ids import (
    ZERO_UUID,
    ChatId,
    ModelConfigId,
    OrganizationId,
)
from coderchat_jupyter.wire.messages import MAX_BODY_BYTES, Content, input_parts

__all__ = ["Chats"]

_PAGE: Final = 50


class Chats(ChatActions):
    """The chats of the caller."""

    def __init__(self, http: Http, streams: Streams, users: Users) -> None:
        super().__init__(http)
        self._streams = streams
        self._users = users

    async def create(
        self,
        content: Content,
        *,
        model_config_id: ModelConfigId | None = None,
        labels: Mapping[str, str] | None = None,
        system_prompt: str = "",
        organization_id: OrganizationId | None = None,
        workspace_id: str | None = None,
        mcp_server_ids: Sequence[str] = (),
        plan_mode: str = "",
        unsafe_dynamic_tools: Sequence[DynamicTool] = (),
        reasoning_effort: str | None = None,
        client_type: ClientType | None = None,
    ) -> Chat:
        """Make a chat with a first message; the agent begins to answer at once.

        Args:
            content: The first message: a text, or texts, files and lines of files.
            model_config_id: Who answers; the deployment's default if None.
            labels: What the chat can be found by again, at most 50.
            system_prompt: Said to the model before everything else, at most 10,000
                bytes.
            organization_id: Where the chat belongs; the caller's default if None.
            workspace_id: Where the agent works; it makes one when it needs one if
                None.
            mcp_server_ids: The tool servers that the agent may use.
            plan_mode: `plan` to have a plan made first, empty to have it done.
            unsafe_dynamic_tools: Tools that the caller runs, at most 250 (v2.32 and
                later). See `client.tools`.
            reasoning_effort: How hard the model thinks (v2.36 and later; older
                servers do not read it).
            client_type: Told to the deployment, for its statistics.

        Raises:
            InvalidRequestError: The server refused a field, or there is no such
                model, file or workspace. Nothing was made.
            ForbiddenError: You may not chat in that organization.
            UsageLimitError: The budget of this period is spent.
        """
        home = organization_id or await self._users.default_organization_id()
        body = CreateChat(
            organization_id=home,
            content=input_parts(content),
            model_config_id=model_config_id,
            labels=dict(labels or {}),
            system_prompt=system_prompt,
            workspace_id=workspace_id,
            mcp_server_ids=tuple(mcp_server_ids),
            plan_mode=plan_mode,
            unsafe_dynamic_tools=tuple(unsafe_dynamic_tools),
            reasoning_effort=reasoning_effort,
            client_type=client_type,
        )
        made: Chat = await self._http.send(
            "POST", routes.CHATS, body, returns=Chat, cap=MAX_BODY_BYTES
        )
        return made

    async def get(self, chat_id: ChatId) -> Chat:
        """One chat, without its messages (see `client.messages`).

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
        """
        found: Chat | ChatWithMessages = await self._http.get(
            routes.chat(chat_id), returns=Chat | ChatWithMessages
        )
        return found.chat if isinstance(found, ChatWithMessages) else found

    async def list(
        self,
        *,
        query: str = "",
        archived: bool | None = None,
        labels: Mapping[str, str] | None = None,
        limit: int | None = None,
        offset: int | None = None,
        after_id: ChatId | None = None,
    ) -> tuple[Chat, ...]:
        """One page of the caller's chats: pinned ones first, then the newest.

        Args:
            query: Terms such as `has_unread:true title:report`.
            archived: Only archived ones, or only others; the server leaves archived
                ones out if None and `query` does not say.
            labels: All of them must match.
            limit: The server takes 50 if None.
            offset: How many to skip.
            after_id: Go on after this chat.

        Raises:
            InvalidRequestError: The query or a label cannot be read.
        """
        term = "" if archived is None else str(archived).lower()
        by_query = not term or not (await self._http.generation()).archives_by_post
        words = (query, f"archived:{term}" if term and by_query else "")
        asked: dict[str, Any] = {
            "q": " ".join(filter(None, words)),
            "archived": "" if by_query else term,
            "label": [f"{name}:{value}" for name, value in (labels or {}).items()],
            "limit": limit,
            "offset": offset,
            "after_id": after_id,
        }
        params = {name: value for name, value in asked.items() if value}
        found: tuple[Chat, ...] = await self._http.get(
            routes.CHATS, params=params, returns=Items[Chat]
        )
        return found

    def iterate(
        self,
        *,
        query: str = "",
        archived: bool | None = None,
        labels: Mapping[str, str] | None = None,
        page_size: int = _PAGE,
    ) -> Pages[Chat]:
        """All chats of the caller, page by page as they are needed.

        Args:
            query: Terms such as `has_unread:true title:report`.
            archived: Only archived ones, or only others.
            labels: All of them must match.
            page_size: How many to ask for at a time.

        Raises:
            InvalidRequestError: The query or a label cannot be read.
        """

        async def fetch(after_id: ChatId | None, limit: int) -> tuple[Chat, ...]:
            return await self.list(
                query=query,
                archived=archived,
                labels=labels,
                limit=limit,
                after_id=after_id,
            )

        return chat_pages(fetch, page_size=page_size)

    async def by_workspace(self, workspace_ids: Iterable[str]) -> dict[str, ChatId]:
        """The newest chat of each workspace that has one.

        Args:
            workspace_ids: At most 25.

        Raises:
            InvalidRequestError: They are too many, or no ids.
        """
        params = {"workspace_ids": ",".join(workspace_ids)}
        found: dict[str, ChatId] = await self._http.get(
            routes.BY_WORKSPACE, params=params, returns=Table[ChatId]
        )
        return found

    async def update(self, chat_id: ChatId, changes: UpdateChat) -> None:
        """Change what is set in `changes`.

        What is not set stays. `labels` replaces all labels; an empty `plan_mode` ends
        plan mode; `workspace_id` set to None lets the workspace go; a `pin_order` of
        0 unpins. The server goes through the fields one by one: when it refuses one,
        those before it are changed (title, labels, archived, pin_order, workspace_id,
        plan_mode).

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            InvalidRequestError: A value is none, or the chat is archived already.
            ConflictError: The title is being made by the server just now, or the
                chat is busy and cannot be archived (v2.35 and later).
        """
        if "workspace_id" in changes.model_fields_set and changes.workspace_id is None:
            changes = changes.model_copy(update={"workspace_id": ZERO_UUID})
        await self._http.send("PATCH", routes.chat(chat_id), changes)

    async def archive(self, chat_id: ChatId) -> None:
        """Put a chat and its children away; what runs is stopped on v2.34.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            InvalidRequestError: It is archived, or (v2.35 and later) a child.
            ConflictError: It is busy (v2.35 and later).
        """
        await self._set_archived(chat_id, archived=True)

    async def unarchive(self, chat_id: ChatId) -> None:
        """Take a chat back that was put away.

        Raises:
            NotFoundError: No such chat, or it is not yours to change.
            InvalidRequestError: It is not archived, or its parent still is.
        """
        await self._set_archived(chat_id, archived=False)

    async def _set_archived(self, chat_id: ChatId, *, archived: bool) -> None:
        if (await self._http.generation()).archives_by_post:
            name = "archive" if archived else "unarchive"
            await self._http.send("POST", routes.action(chat_id, name))
        else:
            await self.update(chat_id, UpdateChat(archived=archived))

    def stream(
        self, chat_id: ChatId, after_id: int = 0
    ) -> AbstractAsyncContextManager[Batches]:
        """Follow a chat over one connection.

        An async context manager that gives an async iterator of batches of events.
        The iterator ends when the server ends the connection properly; it does not
        connect again (a `ChatSession` does).

        Args:
            chat_id: The chat.
            after_id: Messages up to this id are not sent again; parts are.

        Raises:
            ConnectionLostError: No connection, or it broke off.
            NotFoundError: No such chat, or it is not shared with you.
        """
        return self._streams.open(chat_id, after_id)

    def watch(self) -> AbstractAsyncContextManager[Happenings]:
        """Follow what becomes of all chats of the caller over one connection.

        An async context manager that gives an async iterator of events: made,
        archived, another status, another title, waiting for tools. Only what happens
        from now on is told: fetch the list after connecting. The iterator ends when
        the server ends the connection properly; it does not connect again.

        Raises:
            ConnectionLostError: No connection, or it broke off.
        """
        return self._streams.watch()

    def stream_git(self, chat_id: ChatId) -> AbstractAsyncContextManager[GitWatch]:
        """Follow what is changed in the repositories of a chat's workspace.

        An async context manager that gives an async iterator of messages, with a
        method `refresh` that asks for another look.

        Raises:
            InvalidRequestError: The chat has no workspace that could be looked at:
                `wire.git.means_no_diff` tells by its message.
            ForbiddenError: The workspace is not open to the caller.
            ConnectionLostError: No connection, or it broke off.
        """
        return self._streams.git(chat_id)
