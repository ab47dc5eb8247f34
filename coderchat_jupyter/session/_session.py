"""One chat, kept live (skeleton; the body follows)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from coderchat_jupyter.client import Client
from coderchat_jupyter.state.chat_state import ChatState, Link
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import BusyBehavior, SentMessage

__all__ = ["ChatSession", "Unsubscribe"]

Unsubscribe: TypeAlias = Callable[[], None]


class ChatSession:
    """One chat, kept live. Every coroutine may be awaited from any event loop."""

    @classmethod
    async def create(
        cls,
        client: Client,
        text: str,
        *,
        model_config_id: ModelConfigId | None = None,
        labels: dict[str, str] | None = None,
        title: str | None = None,
    ) -> ChatSession:
        """Make a chat with a first message and keep it live."""
        raise NotImplementedError

    @classmethod
    async def open(cls, client: Client, chat_id: ChatId) -> ChatSession:
        """Keep an existing chat live; returns when its messages are there."""
        raise NotImplementedError

    @property
    def chat_id(self) -> ChatId:
        """The chat."""
        raise NotImplementedError

    @property
    def client(self) -> Client:
        """The connection to the server that holds the chat."""
        raise NotImplementedError

    @property
    def state(self) -> ChatState:
        """The latest state; immutable, so it may be read from any thread."""
        raise NotImplementedError

    @property
    def link(self) -> Link:
        """How the connection does."""
        raise NotImplementedError

    def subscribe(self, on_change: Callable[[], None]) -> Unsubscribe:
        """Call `on_change` on the background thread after state or link changed."""
        raise NotImplementedError

    async def send(
        self,
        text: str,
        *,
        model_config_id: ModelConfigId | None = None,
        when_busy: BusyBehavior = "queue",
    ) -> SentMessage:
        """Send a message; its id is that of the turn it begins."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Stop the running answer; what there is of it stays."""
        raise NotImplementedError

    async def delete_queued(self, queued_id: int) -> None:
        """Take a message out of the queue."""
        raise NotImplementedError

    async def promote(self, queued_id: int) -> None:
        """Let a queued message be the next one, now."""
        raise NotImplementedError

    async def update(self, **fields: Any) -> None:
        """Change fields of the chat, such as its title."""
        raise NotImplementedError

    async def until(self, predicate: Callable[[ChatState], bool]) -> ChatState:
        """Wait for a state."""
        raise NotImplementedError

    async def idle(self) -> ChatState:
        """Wait until nothing runs and nothing is queued."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Let go of the chat; it goes on at the server."""
        raise NotImplementedError
