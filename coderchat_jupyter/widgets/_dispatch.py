"""What each intent of the chat page does to a session."""

from __future__ import annotations

from typing import Protocol, assert_never

from coderchat_jupyter.bridge.intents import (
    ChatIntent,
    DeleteQueued,
    LoadOlder,
    PromoteQueued,
    Send,
    Stop,
)
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.messages import SentMessage

__all__ = ["Actions", "dispatch"]


class Actions(Protocol):
    """What a page may do to a session."""

    async def send(
        self, text: str, *, model_config_id: ModelConfigId | None = None
    ) -> SentMessage: ...
    async def stop(self) -> None: ...
    async def load_older(self) -> object: ...
    async def delete_queued(self, queued_id: int) -> None: ...
    async def promote(self, queued_id: int) -> None: ...


async def dispatch(session: Actions, intent: ChatIntent) -> None:
    """Do what the user wants; returns when the server has taken it.

    Raises:
        CoderChatError: The server refused, or could not be reached.
        ValueError: There is nothing to send.
    """
    match intent:
        case Send(text=text, model_config_id=model):
            chosen = ModelConfigId(model) if model else None
            await session.send(checked_prompt(text), model_config_id=chosen)
        case Stop():
            await session.stop()
        case LoadOlder():
            await session.load_older()
        case DeleteQueued(queued_id=queued_id):
            await session.delete_queued(queued_id)
        case PromoteQueued(queued_id=queued_id):
            await session.promote(queued_id)
        case _:
            assert_never(intent)


def checked_prompt(text: str) -> str:
    """The prompt as it is.

    Raises:
        ValueError: There is nothing in it.
    """
    if not text.strip():
        raise ValueError("There is nothing to send: the prompt is empty.")
    return text
