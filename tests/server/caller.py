"""Somebody who talks to a server that may go away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Self

import httpx

__all__ = ["Client"]

_PATIENCE: Final = 60.0
_CHATS: Final = "/api/experimental/chats"


class Client:
    """Signed in; calls fail with what httpx says while the server is away."""

    def __init__(self, url: str, user: dict[str, str]) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Coder-Session-Token": user["token"]},
            timeout=_PATIENCE,
        )
        self._organization = user["organization_id"]

    def __enter__(self) -> Self:
        self.wait(lambda: self._http.get("/healthz").status_code == 200)
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def wait(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                if holds():
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < end
            time.sleep(0.02)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """What is answered below the chats; None for nothing."""
        answer = self._http.request(method, _CHATS + path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def create(self, words: str) -> str:
        content = [{"type": "text", "text": words}]
        body = {"organization_id": self._organization, "content": content}
        return str(self._http.post(_CHATS, json=body).json()["id"])

    def send(self, chat: str, words: str) -> dict[str, Any]:
        content = [{"type": "text", "text": words}]
        path = f"{_CHATS}/{chat}/messages"
        return dict(self._http.post(path, json={"content": content}).json())

    def chat(self, chat: str) -> dict[str, Any]:
        return dict(self._http.get(f"{_CHATS}/{chat}").json())

    def page(self, chat: str) -> dict[str, Any]:
        return dict(self._http.get(f"{_CHATS}/{chat}/messages").json())

    def words(self, chat: str) -> list[str]:
        messages = reversed(self.page(chat)["messages"])
        return ["".join(p["text"] for p in m["content"]) for m in messages]

    def until(self, chat: str, status: str) -> None:
        self.wait(lambda: self.chat(chat)["status"] == status)
