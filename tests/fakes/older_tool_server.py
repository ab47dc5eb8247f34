"""A tool server written by hand, of the protocol before it could be discovered.

It knows sessions, answers plain JSON and pages, and does on demand what no good
server would do.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.fakes.tool_server import serving

__all__ = ["OlderToolServer", "older_tool_server"]

_SESSION: Final = "session-1"
_METHOD_NOT_FOUND: Final = -32601


@dataclass
class OlderToolServer:
    """One that runs.

    Attributes:
        tools: What it lists, one a page.
        answer: What every call comes to: a result, or the text of an error.
        pages_for_ever: Each page names another one.
        seen: The methods that were asked for, and `DELETE` for the end.
    """

    url: str = ""
    tools: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] | str = field(default_factory=dict)
    pages_for_ever: bool = False
    seen: list[str] = field(default_factory=list)

    async def handle(self, request: Request) -> Response:
        if request.method == "GET":
            return Response(status_code=405)
        if request.method == "DELETE":
            self.seen.append("DELETE")
            return Response(status_code=200)
        asked = await request.json()
        self.seen.append(asked["method"])
        if "id" not in asked:
            return Response(status_code=202)
        told = self._told(asked["method"], asked.get("params") or {})
        body = {"jsonrpc": "2.0", "id": asked["id"], **told}
        return Response(
            json.dumps(body),
            media_type="application/json",
            headers={"mcp-session-id": _SESSION},
        )

    def _told(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "initialize":
                return {
                    "result": {
                        "protocolVersion": "2025-03-26",
                        "capabilities": {"tools": {}},
                        "serverInfo": {"name": "older", "version": "1"},
                    }
                }
            case "tools/list":
                return {"result": self._page(int(params.get("cursor") or 0))}
            case "tools/call" if isinstance(self.answer, dict):
                return {"result": self.answer}
            case "tools/call":
                return {"error": {"code": -32000, "message": self.answer}}
        return {"error": {"code": _METHOD_NOT_FOUND, "message": "no such method"}}

    def _page(self, number: int) -> dict[str, Any]:
        page: dict[str, Any] = {"tools": self.tools[number : number + 1]}
        if self.pages_for_ever or number + 1 < len(self.tools):
            page["nextCursor"] = str(number + 1)
        return page


@asynccontextmanager
async def older_tool_server() -> AsyncIterator[OlderToolServer]:
    """Run one."""
    server = OlderToolServer()
    methods = ["GET", "POST", "DELETE"]
    app = Starlette(routes=[Route("/mcp", server.handle, methods=methods)])
    async with serving(app) as root:
        server.url = f"{root}/mcp"
        yield server
