"""The embedded server: a process of its own, shared by all kernels of a user.

What a kernel may rely on:

- `server.json` in the runtime folder (mode 0600) says `url`, `token` and `pid` of
  the server that runs. It appears when the server answers and goes when it ends.
- `server.lock` beside it is locked for as long as the process lives, so there is
  one server, and a file left over by a killed one can be told from a live one.
- Until then every line of stdout is a JSON object: `{"progress": sentence}`, at
  last `{"ready": true}` or `{"failed": sentence}`. After that stdout is closed.
- Address and token stay the same from start to start where that can be had, so that
  a notebook's open chats find the server again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from pydantic import SecretStr
from starlette.applications import Starlette

from coderchat_jupyter.server._collector import importing
from coderchat_jupyter.server._embed_idle import Activity
from coderchat_jupyter.server._embed_seed import ensure_token, seed, uses_local_model
from coderchat_jupyter.server._embed_socket import TellingServer, listen
from coderchat_jupyter.server._private_files import (
    private_folder,
    read_json,
    write_json,
)
from coderchat_jupyter.server.accounts import opened
from coderchat_jupyter.server.app import create_app
from coderchat_jupyter.server.providers import local_model
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.settings import VERSION, ServerSettings
from coderchat_jupyter.server.storage.hold import held

__all__ = ["DEFAULT_IDLE_SECONDS", "run_embedded"]

DEFAULT_IDLE_SECONDS: Final = 30 * 60.0

_LOCK_SECONDS: Final = 10.0
"""How long to wait for a server that is on its way out."""

_log = logging.getLogger(__name__)


def run_embedded(
    data_dir: Path, runtime_dir: Path, *, idle_seconds: float = DEFAULT_IDLE_SECONDS
) -> int:
    """Serve until idle or told to stop; returns the exit status.

    Blocks; for a process that does nothing else. At most one runs per runtime
    folder: a second one ends at once and says so.
    """
    private_folder(data_dir)
    private_folder(runtime_dir)
    lock = FileLock(runtime_dir / "server.lock", timeout=_LOCK_SECONDS)
    # The runtime folder is this machine's; the data may be on a disk that others use.
    data_lock = FileLock(data_dir / "embedded.lock", timeout=_LOCK_SECONDS)
    try:
        with lock, data_lock:
            server = _Embedded(data_dir, runtime_dir, idle_seconds)
            return asyncio.run(server.run())
    except Timeout as error:
        _say(failed=_TAKEN if error.lock_file == data_lock.lock_file else _RUNNING)
        return 3


_RUNNING: Final = "A chat server runs already, but does not answer."

_TAKEN: Final = (
    "Another chat server, perhaps of another machine, uses the same data. Set "
    "CODERCHAT_DATA_DIR to a folder of this one."
)


class _Embedded:
    def __init__(self, data_dir: Path, runtime_dir: Path, idle: float) -> None:
        self._data_dir = data_dir
        self._database = data_dir / "chats.db"
        self._runtime = runtime_dir / "server.json"
        # Beside the database and not in the runtime folder: it outlives a start.
        self._memory = data_dir / "embedded.json"
        self._idle = idle

    async def run(self) -> int:
        try:
            _say(progress="Starting the chat server")
            known = read_json(self._memory)
            token = await self._prepare(known.get("token"))
            listener = listen(known.get("port"))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            _log.exception("the embedded server could not start")
            _say(failed=f"{type(error).__name__}: {error}")
            return 1
        with listener:
            port = listener.getsockname()[1]
            secret = token.get_secret_value()
            write_json(self._memory, {"token": secret, "port": port})
            await self._serve(listener, f"http://127.0.0.1:{port}", secret)
        return 0

    async def _prepare(self, known: object) -> SecretStr:
        # Here it can still be told that a server of another kind serves the file.
        async with held(self._database), opened(self._database) as database:
            user = await seed(database)
            last = SecretStr(known) if isinstance(known, str) else None
            token = await ensure_token(database, user, last)
            wanted = await uses_local_model(database)
        if wanted:
            await asyncio.to_thread(_fetch_model, self._data_dir)
        return token

    async def _serve(self, listener: socket.socket, url: str, token: str) -> None:
        settings = ServerSettings(database=self._database, external_url=url)
        app = create_app(settings)
        activity = Activity(app)

        def announce() -> None:
            write_json(
                self._runtime,
                {"url": url, "token": token, "pid": os.getpid(), "version": VERSION},
            )
            _say(ready=True)
            _close_stdout()

        def retract() -> None:
            if self._is_known():
                self._runtime.unlink(missing_ok=True)

        server = TellingServer(activity, announce, retract)
        watching = asyncio.create_task(self._watch(server, activity, app))
        watching.add_done_callback(_told)
        try:
            await server.serve(sockets=[listener])
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    def _is_known(self) -> bool:
        """Whether kernels can still find this server."""
        return read_json(self._runtime).get("pid") == os.getpid()

    async def _watch(
        self, server: TellingServer, activity: Activity, app: Starlette
    ) -> None:
        await server.is_up.wait()
        await asyncio.to_thread(_warm_up)
        service: Service = app.state.service
        await activity.until_idle(
            self._idle, service.worker.is_busy, lambda: not self._is_known()
        )
        _log.info("nobody needs the server any more; going")
        server.should_exit = True


def _told(watching: asyncio.Task[None]) -> None:
    """Log what ended the watch; without it the server would stay for ever."""
    if not watching.cancelled() and (error := watching.exception()) is not None:
        _log.error("the server will not end by itself", exc_info=error)


def _fetch_model(data_dir: Path) -> None:
    """Have the model there before the first question; say why if it cannot be had."""
    try:
        local_model.fetch(data_dir, on_progress=lambda text: _say(progress=text))
    except local_model.LocalModelError as error:
        # The chat will say it too, when somebody asks the model.
        _log.warning("%s", error)
        _say(progress=str(error))


def _warm_up() -> None:
    """Import what the first answer needs, while nobody waits for it yet."""
    with importing():
        import coderchat_jupyter.server.providers._openai_model  # noqa: F401


def _say(**line: object) -> None:
    # Whoever started us may be gone, or closed its end.
    with suppress(OSError, ValueError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def _close_stdout() -> None:
    """Let go of the pipe to whoever started us; what is written now goes nowhere."""
    with suppress(OSError, ValueError):
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)
