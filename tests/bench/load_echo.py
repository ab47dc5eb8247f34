"""The floor: a WebSocket of Starlette that sends back what it is sent.

Run as a process: `python -m tests.bench.load_echo`; the first line is its address.
"""

from __future__ import annotations

import logging
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


async def _echo(found: WebSocket) -> None:
    await found.accept()
    try:
        while True:
            await found.send_text(await found.receive_text())
    except WebSocketDisconnect:
        pass


def _main() -> None:
    # It says of every message that its reader is gone.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    app = Starlette(routes=[WebSocketRoute("/", _echo)])
    config = uvicorn.Config(
        app, log_config=None, access_log=False, ws_per_message_deflate=False
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    _main()
