"""Finds the chat server of this user, or starts it.

The server is a process of its own, outside the kernel's group and session: it
outlives a restart of the kernel, and kernels share it. `server/embed.py` is the
other side and says what its files and its output mean.
"""

from __future__ import annotations

import importlib.util
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from pydantic import SecretStr

from coderchat_jupyter import config
from coderchat_jupyter.config import Deployment, Settings
from coderchat_jupyter.errors import EmbeddedServerError
from coderchat_jupyter.session._spawn import Starting
from coderchat_jupyter.wire import routes

__all__ = ["ensure_running", "find_running"]

OnProgress = Callable[[str], None]

_PROBE_SECONDS: Final = 5.0
_SILENCE_SECONDS: Final = 90.0
"""A start that says nothing for so long has failed; fetching the model talks."""

_TURN_SECONDS: Final = 900.0
"""For another kernel's start, which may fetch the model over a slow line."""

_NEEDED: Final = (
    "uvicorn",
    "starlette",
    "sqlalchemy",
    "aiosqlite",
    "alembic",
    "cryptography",
    "pydantic_ai",
    "openai",
)


def ensure_running(
    on_progress: OnProgress | None = None, *, settings: Settings | None = None
) -> Deployment:
    """Return the address of the embedded server, starting it if none runs.

    Blocks, for a second or so when it has to start, and for as long as fetching
    the demo model takes the first time; call it from a thread. Kernels that call
    it at once get the same server.

    Args:
        on_progress: Told what is going on, in sentences fit to show.
        settings: Instead of those of the environment.

    Raises:
        EmbeddedServerError: It does not start; the text says why, and where the
            log is.
    """
    found = settings or config.load()
    say = on_progress or (lambda _: None)
    if (address := find_running(found)) is not None:
        return address
    _check_installed()
    try:
        _private_folder(found.data_dir)
        _private_folder(found.runtime_dir)
        with _turn(found.runtime_dir, say):
            return find_running(found) or _start(found, say)
    except OSError as error:
        raise EmbeddedServerError(
            "The chat server cannot keep its files in "
            f"{str(error.filename or found.runtime_dir)!r}: "
            f"{error.strerror or error}. Set CODERCHAT_DATA_DIR to a folder that is "
            "yours."
        ) from error


def find_running(settings: Settings) -> Deployment | None:
    """The server that runs, if it answers to its token."""
    path = settings.runtime_dir / "server.json"
    address = _address(path)
    if address is None:
        return None
    # A file that a killed server left may name a port that is now another program's,
    # which must not get to see the token.
    if not _is_locked(settings.runtime_dir / "server.lock"):
        return None
    return address if _answers(address) else None


def _address(path: Path) -> Deployment | None:
    try:
        if os.name == "posix" and path.stat().st_uid != os.getuid():
            return None
        known: Any = json.loads(path.read_text(encoding="utf-8"))
        url, token = known["url"], known["token"]
        if urlsplit(url).hostname != "127.0.0.1" or not isinstance(token, str):
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Deployment(url=url, token=SecretStr(token))


def _is_locked(path: Path) -> bool:
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True


def _answers(address: Deployment) -> bool:
    headers = {routes.TOKEN_HEADER: address.token.get_secret_value()}
    place = urlsplit(address.url)
    # Not with the client's library: this runs before every cell that asks, and a
    # connection to this very machine needs no proxy and no certificates.
    for pause in (0.1, 0.5, 0.0):
        http = HTTPConnection("127.0.0.1", place.port, timeout=_PROBE_SECONDS)
        try:
            http.request("GET", routes.user("me"), headers=headers)
            return http.getresponse().status == 200
        except (OSError, HTTPException):
            time.sleep(pause)
        finally:
            http.close()
    return False


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise EmbeddedServerError(
            "No Coder deployment is configured, and the chat server of this package "
            f"is not installed ({', '.join(missing)} missing). Run `pip install "
            "'coderchat-jupyter[server,local]'`, or set CODER_URL and "
            "CODER_SESSION_TOKEN."
        )


def _private_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name != "posix":
        return
    found = path.stat()
    if found.st_uid != os.getuid():
        raise PermissionError(13, "it belongs to another user", str(path))
    if found.st_mode & 0o077:
        path.chmod(0o700)


@contextmanager
def _turn(runtime_dir: Path, say: OnProgress) -> Iterator[None]:
    """Wait until no other kernel is starting a server."""
    lock = FileLock(runtime_dir / "start.lock")
    deadline = time.monotonic() + _TURN_SECONDS
    while True:
        with suppress(Timeout):
            lock.acquire(timeout=0.2)
            break
        if time.monotonic() > deadline:
            raise EmbeddedServerError(
                "Another notebook has been starting the chat server for "
                f"{_TURN_SECONDS / 60:.0f} minutes. Restart that notebook's kernel, "
                "then try again."
            )
        say("Waiting for another notebook, which starts the chat server")
    try:
        yield
    finally:
        lock.release()


def _start(settings: Settings, say: OnProgress) -> Deployment:
    log = settings.runtime_dir / "server.log"
    say("Starting the chat server")
    with Starting(settings, log) as starting:
        for line in starting.lines(_SILENCE_SECONDS):
            if isinstance(text := line.get("progress"), str):
                say(text)
            elif isinstance(text := line.get("failed"), str):
                raise EmbeddedServerError(
                    f"The chat server could not start. {text} The log is in "
                    f"{str(log)!r}."
                )
            elif line.get("ready"):
                break
        else:
            what = "did not say anything any more" if starting.is_alive else "ended"
            starting.kill()
            raise EmbeddedServerError(
                f"The chat server {what} while it started. {_last_line(log)}The log "
                f"is in {str(log)!r}."
            )
    address = find_running(settings)
    if address is None:
        raise EmbeddedServerError(
            f"The chat server started, but does not answer. The log is in {str(log)!r}."
        )
    return address


def _last_line(log: Path) -> str:
    """The end of a log is where an exception says what it is."""
    with suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
        for line in reversed(lines):
            if line.strip():
                return f"{line.strip()[:300]} "
    return ""
