"""A chat as a caller holds it: made or opened, acted on, and let go."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    ConflictError,
    ConnectionLostError,
    NotFoundError,
)
from coderchat_jupyter.session import _acts, _feeds
from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.session._follow import Pace
from coderchat_jupyter.session._known import forget_session, note_session
from coderchat_jupyter.session._live_chat import LiveChat
from coderchat_jupyter.session._loop import BackgroundLoop, background
from coderchat_jupyter.session._recorder import Recording
from coderchat_jupyter.session.tools import (
    Approve,
    Desk,
    Tool,
    ToolLike,
    as_tools,
    attach,
)
from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.refresh import with_chat
from coderchat_jupyter.wire.chats import UpdateChat
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import BusyBehavior, Content, SentMessage

__all__ = ["ChatSession"]

_PACE: Final = Pace()


class ChatSession(LiveChat):
    """One chat, kept live: it reconnects by itself and misses nothing.

    Make one with `create` or `open`. Every coroutine may be awaited from any event
    loop, every other member used from any thread. Sessions on the same chat of the
    same client share one connection. A session that is let go closes itself.

        async with await ChatSession.create(client, "What is 2 + 2?") as chat:
            async for piece in chat.pieces():
                print(piece, end="", flush=True)
            chat.raise_for_error()
    """

    def __init__(
        self, feed: Feed, loop: BackgroundLoop, desk: Desk | None = None
    ) -> None:
        """Use `create` or `open` instead."""
        super().__init__(feed, loop)
        self._desk = desk
        self._release = weakref.finalize(self, _release_from_anywhere, feed, loop, desk)
        self._release.atexit = False  # the sockets end with the process
        note_session(self)

    @classmethod
    async def create(
        cls,
        client: Client,
        text: str,
        *,
        model_config_id: ModelConfigId | None = None,
        labels: Mapping[str, str] | None = None,
        title: str | None = None,
        tools: Iterable[ToolLike] = (),
        approve: Approve | None = None,
        backoff: Backoff | None = None,
    ) -> Self:
        """Make a chat with a first message and keep it live.

        Returns as soon as the chat is there; the messages follow at once, or when
        the connection is back.

        Args:
            client: Where the chat is made.
            text: The first message.
            model_config_id: Who answers; the deployment's default if None.
            labels: What the chat can be found by again.
            title: Instead of the one that the server makes.
            tools: Functions of this process that the agent may call; see `tool`. They
                belong to the chat for good, and are answered while a session that
                was given them is open.
            approve: Asked before each call of them; None allows them all.
            backoff: How long to wait before connecting again.

        Raises:
            TypeError, ValueError: A function cannot be a tool, or two have one name.
            InvalidRequestError: The text is empty or too long, or there is no such
                model. Nothing was made.
            ConnectionLostError: The server was not there. Nothing was made, unless
                the connection broke before the answer came.
        """
        loop = background()
        offered = as_tools(tools)

        async def make() -> Self:
            chat = await client.chats.create(
                text,
                model_config_id=model_config_id,
                labels=labels,
                unsafe_dynamic_tools=tuple(each.declaration for each in offered),
            )
            state = with_chat(EMPTY, chat)
            feed = _feeds.acquire(client, chat.id, backoff=backoff, state=state)
            desk = attach(feed, offered, approve) if offered else None
            session = cls(feed, loop, desk)
            # The chat is made: what fails now is mended by the feed.
            with contextlib.suppress(ConnectionLostError):
                await feed.loaded()
            if title is not None:
                await _acts.rename(feed, title)
            return session

        return await loop.hop(make())

    @classmethod
    async def open(
        cls,
        client: Client,
        chat_id: ChatId,
        *,
        tools: Iterable[ToolLike] = (),
        approve: Approve | None = None,
        backoff: Backoff | None = None,
        mark_read: bool = True,
        pace: Pace = _PACE,
    ) -> Self:
        """Keep an existing chat live; returns when its newest messages are there.

        Args:
            client: Where the chat is.
            chat_id: The chat.
            tools: Functions for the tools that the chat was made with, matched by
                name. A session without any leaves the calls to others; one with some
                answers every call of the chat, those of other tools by an error.
            approve: Asked before each call of them; None allows them all.
            backoff: How long to wait before connecting again.
            mark_read: Open the stream, which marks the chat as read for its owner.
                If not, the chat is looked at from time to time: no piece of an answer
                is seen before it is stored, and all of it a little later.
            pace: How often it is looked at then.

        Raises:
            TypeError, ValueError: A function cannot be a tool, or two have one name.
            NotFoundError: No such chat, or it is not shared with you.
            ConnectionLostError: The server is not there.
        """
        loop = background()
        offered = as_tools(tools)

        async def load() -> Self:
            looks = None if mark_read else pace
            feed = _feeds.acquire(client, chat_id, backoff=backoff, pace=looks)
            try:
                await feed.loaded()
            except BaseException:
                await _feeds.release(feed)
                raise
            return cls(feed, loop, attach(feed, offered, approve) if offered else None)

        return await loop.hop(load())

    def __repr__(self) -> str:
        return f"ChatSession({self.chat_id!r}, {self.link.phase}, {self.state.status})"

    @property
    def tools(self) -> tuple[Tool[..., Any], ...]:
        """The functions that this session lends to the agent."""
        return () if self._desk is None else self._desk.tools

    async def send(
        self,
        content: Content,
        *,
        model_config_id: ModelConfigId | None = None,
        when_busy: BusyBehavior = "queue",
    ) -> SentMessage:
        """Send a message.

        If it was stored, its id is that of the turn it begins, and it is in `state`
        when this returns. If it was queued, `message_id_of` tells when its turn came.

        Args:
            content: A text, or texts and uploaded files in the order of the message.
            model_config_id: Who answers from now on; the chat's model if None.
            when_busy: Wait behind the running answer, or stop it.

        Raises:
            InvalidRequestError: A text is empty or too long, or there is no such
                model. Nothing was sent.
            ConnectionLostError: Nobody can tell whether it arrived; look at `state`
                once the link is live again.
            BusyError: The queue is full.
        """

        async def post() -> SentMessage:
            answer = await self.client.messages.send(
                self.chat_id,
                content,
                model_config_id=model_config_id,
                when_busy=when_busy,
            )
            return _acts.sent(self._feed, answer)

        return await self._do(post())

    async def stop(self) -> None:
        """Stop the running answer; what there is of it stays. Fine if none runs."""
        await self._do(_acts.stop(self._feed))

    async def delete_queued(self, queued_id: int) -> None:
        """Take a message out of the queue. Fine if it is gone already."""

        async def delete() -> None:
            with contextlib.suppress(NotFoundError, ConflictError):
                await self.client.queue.delete(self.chat_id, queued_id)

        await self._do(delete())

    async def promote(self, queued_id: int) -> None:
        """Let a queued message be the next one, now.

        Raises:
            ApiError: It is gone already.
        """
        await self._do(self.client.queue.promote(self.chat_id, queued_id))

    async def update(self, **fields: Any) -> None:
        """Change fields of the chat: those of `UpdateChat`, such as `title`.

        Raises:
            InvalidRequestError: The server refused a value.
        """
        changes = UpdateChat(**fields)

        async def patch() -> None:
            await self.client.chats.update(self.chat_id, changes)
            await _acts.refetch(self._feed)

        await self._do(patch())

    async def load_older(self) -> bool:
        """Fetch the page before the oldest message; whether there was one."""
        return await self._do(_acts.load_older(self._feed))

    async def record(self, path: str | os.PathLike[str]) -> Recording:
        """Write all that is told of the chat to a file, until that is closed.

        The chat is connected anew, so that the file holds all that is in the state.
        `Replay.read` reads it; the session's token and secrets in addresses are left
        out, what was said is not. Closed with the chat, too.

        Args:
            path: A file that is not there yet; only its owner may read it.

        Raises:
            RecordingError: There is such a file, or none can be made there.
        """
        return await self._do(_acts.record(self._feed, path))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the chat; it goes on at the server. May be called twice."""
        if self._release.detach() is None:
            return
        forget_session(self)
        if not self._loop.is_closed:
            await self._loop.hop(_let_go(self._feed, self._desk))


async def _let_go(feed: Feed, desk: Desk | None) -> None:
    if desk is not None:
        await desk.aclose()
    await _feeds.release(feed)


def _release_from_anywhere(feed: Feed, loop: BackgroundLoop, desk: Desk | None) -> None:
    """A session was collected without being closed."""
    with contextlib.suppress(RuntimeError):
        loop.submit(_let_go(feed, desk))
