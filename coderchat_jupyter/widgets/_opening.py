"""How a chat widget comes by its session, without ever blocking a cell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from coderchat_jupyter.bridge.intents import Send
from coderchat_jupyter.config import load
from coderchat_jupyter.session import ChatSession, default_client
from coderchat_jupyter.widgets._dispatch import checked_prompt
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.models import ModelConfig

__all__ = ["create_session", "list_models", "notebook_labels", "open_session"]


async def create_session(first: Send, say: Callable[[str], None]) -> ChatSession:
    """Make a chat with its first prompt, on the deployment that `%chat` uses.

    `say` is told what happens while a server has to be started.

    Raises:
        CoderChatError: No server could be reached, or it refused.
        ValueError: The prompt is empty.
    """
    prompt = checked_prompt(first.text)
    chosen = ModelConfigId(first.model_config_id) if first.model_config_id else None
    # Finding the server may start one, which takes a while.
    client = await asyncio.to_thread(default_client, on_progress=say)
    return await ChatSession.create(
        client, prompt, model_config_id=chosen, labels=notebook_labels()
    )


def notebook_labels() -> dict[str, str]:
    """What a chat of this kernel's notebook is found again by."""
    notebook = load().notebook
    return notebook.labels if notebook is not None else {}


async def open_session(chat_id: ChatId) -> ChatSession:
    """Keep an existing chat live.

    Raises:
        CoderChatError: No server could be reached, or it has no such chat.
    """
    client = await asyncio.to_thread(default_client)
    return await ChatSession.open(client, chat_id)


async def list_models(session: ChatSession | None) -> tuple[ModelConfig, ...]:
    """What the deployment of a session offers, else the default deployment.

    Raises:
        CoderChatError: No server could be reached, or it does not tell.
    """
    if session is None:
        client = await asyncio.to_thread(default_client)
    else:
        client = session.client
    return tuple(await client.model_configs.list())
