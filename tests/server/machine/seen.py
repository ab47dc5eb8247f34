"""A chat as its server shows it: by REST, and to one who listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from coderchat_jupyter.wire.messages import MessagesPage
from tests.server.machine.life import Life
from tests.server.machine.model import MAX_QUEUED, Chat, Said
from tests.server.machine.socket import StreamReader

__all__ = ["Seen"]


@dataclass(frozen=True)
class Seen:
    """What is answered about one chat.

    Attributes:
        chat: `GET /chats/{chat}`.
        page: `GET /chats/{chat}/messages`.
        reader: Who listens to it.
    """

    chat: dict[str, Any]
    page: dict[str, Any]
    reader: StreamReader

    @classmethod
    async def of(cls, life: Life, chat: str) -> Self:
        """Look."""
        return cls(
            (await life.call("GET", f"/{chat}")).json(),
            await _page(life, chat),
            life.reader(chat),
        )

    @staticmethod
    async def ids(life: Life, chat: str) -> list[int]:
        """The ids of the user's messages, oldest first."""
        found = (await _page(life, chat))["messages"]
        return [m["id"] for m in reversed(found) if m["role"] == "user"]

    @staticmethod
    async def queue_ids(life: Life, chat: str) -> list[int]:
        """The ids of what waits, in its order."""
        return [m["id"] for m in (await _page(life, chat))["queued_messages"]]

    def differs(self, model: Chat) -> str:
        """What is not as the model says; empty if all is."""
        messages = list(reversed(self.page["messages"]))
        queue = self.page["queued_messages"]
        ids = [message["id"] for message in messages]
        told = self.reader.state
        page = MessagesPage.model_validate(self.page)
        partial = "".join(str(getattr(b, "text", "")) for b in told.preview.blocks)
        pairs: dict[str, tuple[object, object]] = {
            "status": (self.chat["status"], model.status),
            "archived": (self.chat["archived"], model.archived),
            "error": ("last_error" in self.chat, model.status == "error"),
            "history": ([_said(message) for message in messages], model.history),
            "queue": ([_words(entry) for entry in queue], model.queue),
            "order": (ids, sorted(set(ids))),
            "stream": (told.messages, tuple(reversed(page.messages))),
            "told queue": (told.queue, page.queued_messages),
            "told status": (told.status, model.status),
            "preview": (partial if model.status == "running" else "", model.partial),
            "cap": (len(queue) > MAX_QUEUED, False),
            "stream ended": (self.reader.task.done(), False),
        }
        wrong = {what: pair for what, pair in pairs.items() if pair[0] != pair[1]}
        return "; ".join(f"{what}: {a!r}, not {b!r}" for what, (a, b) in wrong.items())


async def _page(life: Life, chat: str) -> dict[str, Any]:
    answer = await life.call("GET", f"/{chat}/messages?limit=200")
    return dict(answer.json())


def _words(message: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in message["content"])


def _said(message: dict[str, Any]) -> Said:
    """A message as the model writes it."""
    words = ""
    for part in message["content"]:
        if part["type"] == "text":
            words += part["text"]
        elif part["type"] == "tool-call":
            words += f"[{part['tool_call_id']}]"
        else:
            sign = "!" if part.get("is_error") else "="
            words += f"{part['tool_call_id']}{sign}{part['result']}"
    return message["role"], words
