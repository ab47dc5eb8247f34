"""A server with something of everything, so that generated requests meet it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Self

import httpx

from tests.fakes.real_server import RealServer

__all__ = ["SCRIPTS", "Furnished"]

_CHATS: Final = "/api/experimental/chats"
_TOOL: Final = {"name": "lookup", "input_schema": {"type": "object"}}
_RESTS: Final = ("waiting", "error", "requires_action")

SCRIPTS: Final[dict[str, Any]] = {
    "default": [[{"text": "Hello."}, {"usage": {"input_tokens": 3}}]],
    "hang": [[{"text": "Working. "}, {"hang": True}]],
    "fail": [[{"error": {"status": 400, "message": "no such thing"}}]],
    "lookup": [[{"tool": "lookup", "args": {}, "id": "call_1"}], [{"text": "Sunny."}]],
    "summary": [[{"text": "A summary."}]],
}


@dataclass
class Furnished:
    """Ids by the names of the path parameters, for each kind of chat one list."""

    http: httpx.Client
    ids: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def on(cls, server: RealServer) -> Self:
        """Furnish a server that was just started."""
        http = httpx.Client(
            base_url=server.url,
            headers={"Coder-Session-Token": server.token},
            trust_env=False,
        )
        made = cls(http)
        made._furnish()
        return made

    def _call(self, method: str, path: str, **more: Any) -> Any:
        answer = self.http.request(method, path, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def _furnish(self) -> None:
        me = self._call("GET", "/api/v2/users/me")
        (home,) = me["organization_ids"]
        (model,) = self._call("GET", f"{_CHATS}/model-configs")
        self._call("PUT", f"{_CHATS}/config/debug-logging", json={"allow_users": True})
        chats = [self._chat(home, words) for words in ("hi", "#fail", "#lookup")]
        chats.append(self._chat(home, "#hang", rests=False))
        words = {"content": [{"type": "text", "text": "later"}]}
        queued = self._call("POST", f"{_CHATS}/{chats[3]}/messages", json=words)
        page = self._call("GET", f"{_CHATS}/{chats[0]}/messages")
        file = self._call(
            "POST",
            f"{_CHATS}/files?organization={home}",
            content=b"some words",
            headers={
                "content-type": "text/plain",
                "content-disposition": 'attachment; filename="words.txt"',
            },
        )
        self.ids = {
            "chat": chats,
            "message": [str(message["id"]) for message in page["messages"]],
            "queued": [str(queued["queued_message"]["id"])],
            "config": [model["id"]],
            "file": [file["id"]],
            "user": ["me", me["id"]],
            "group": [home],
            "organization": [home, "default"],
            "provider": [model["ai_provider_id"]],
            "context": ["general", "explore", "root", "title_generation"],
        }

    def _chat(self, home: str, words: str, *, rests: bool = True) -> str:
        body = {
            "organization_id": home,
            "content": [{"type": "text", "text": words}],
            "unsafe_dynamic_tools": [_TOOL],
        }
        chat = self._call("POST", _CHATS, json=body)
        wanted = _RESTS if rests else ("running",)
        while chat["status"] not in wanted:
            chat = self._call("GET", f"{_CHATS}/{chat['id']}")
        return str(chat["id"])
