"""A server with many chats that have said a word, and rest."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx

from tests.bench.load_readers import Readers
from tests.bench.load_vendor import GO
from tests.fakes.real_server import RealServer

__all__ = ["API", "Setting"]

API: Final = "/api/experimental/chats"


class Setting:
    """A server with chats that have said a word, and rest."""

    def __init__(self, server: RealServer, vendor: str, chats: int) -> None:
        """Make as many chats, of a provider at the vendor's address."""
        self.http = httpx.Client(
            base_url=server.url,
            headers={"Coder-Session-Token": server.token},
            trust_env=False,
            timeout=60,
        )
        provider = self._call(
            "/api/v2/ai/providers",
            type="openai-compat",
            name="bench",
            base_url=f"{vendor}/v1",
            api_keys=["none"],
            enabled=True,
        )
        self._call(
            f"{API}/model-configs",
            ai_provider_id=provider["id"],
            model="bench",
            context_limit=10**9,
            is_default=True,
        )
        (self._home,) = self.http.get("/api/v2/users/me").json()["organization_ids"]
        self.chats = [self._chat() for _ in range(chats)]
        for chat in self.chats:
            self.rests(chat)

    def _call(self, path: str, **body: Any) -> Any:
        answer = self.http.post(path, json=body)
        answer.raise_for_status()
        return answer.json()

    def _chat(self) -> str:
        content = [{"type": "text", "text": "Hello"}]
        made = self._call(API, organization_id=self._home, content=content)
        return str(made["id"])

    def rests(self, chat: str) -> None:
        """Wait until it does."""
        while self.http.get(f"{API}/{chat}").json()["status"] != "waiting":
            time.sleep(0.05)

    def go(self, readers: Readers) -> None:
        """Let every chat talk, while the readers read."""
        # All at once, before those that talk already leave no time for the others.
        with ThreadPoolExecutor(len(self.chats)) as pool:
            gone = [pool.submit(self._go, chat) for chat in self.chats]
            while not all(one.done() for one in gone):
                readers.read(time.monotonic() + 0.05)
            for one in gone:
                one.result()

    def _go(self, chat: str) -> None:
        content = [{"type": "text", "text": GO}]
        self._call(f"{API}/{chat}/messages", content=content)
