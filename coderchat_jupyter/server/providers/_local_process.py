"""Starts the local model's process, keeps it, and starts it again if it died."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final

from coderchat_jupyter.server.providers import local_model
from coderchat_jupyter.server.providers.local_model import LocalModelError

__all__ = ["LocalProcess", "why"]

_CHILD: Final = "coderchat_jupyter.server.providers._local_child"

_SLOTS: Final = 2
"""Answers at the same time; more wait for one to end."""

_CONTEXT: Final = 8192
"""The model's own limit, shared by the slots."""

_START_SECONDS: Final = 120.0

_END_SECONDS: Final = 5.0

_DYING_SECONDS: Final = 1.0

_OTHERWISE: Final = (
    "Or configure another provider: any OpenAI-compatible address will do, such as "
    "Ollama's or a vendor's."
)


class LocalProcess:
    """The process of the model. `ready` may be called again and again."""

    def __init__(self) -> None:
        self._child: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._last_lines: deque[str] = deque(maxlen=20)
        self._address = ""
        self._key = ""

    async def ready(self) -> tuple[str, str]:
        """Return address and key of a process that runs, starting it if need be.

        Raises:
            LocalModelError: It cannot run here; the text says what to do.
        """
        if self._child is not None and self._child.returncode is None:
            return self._address, self._key
        await self.aclose()
        model = await asyncio.to_thread(local_model.fetch)
        self._key = secrets.token_urlsafe(32)
        order = {
            "model": str(model),
            "key": self._key,
            "context": _CONTEXT,
            "slots": _SLOTS,
            "threads": max(1, _cores() - 1),
        }
        try:
            async with asyncio.timeout(_START_SECONDS):
                answer = await self._start(json.dumps(order))
        except BaseException as error:
            await self.aclose()
            if isinstance(error, TimeoutError):
                raise LocalModelError(
                    f"The demo model did not start within {_START_SECONDS:.0f} "
                    f"seconds. {_OTHERWISE}"
                ) from error
            raise
        if "address" not in answer:
            await self.aclose()
            raise LocalModelError(why(answer, list(self._last_lines)))
        self._address = answer["address"]
        return self._address, self._key

    async def has_died(self) -> bool:
        """Whether the process ended by itself, or is just about to have ended."""
        if self._child is None:
            return False
        with suppress(TimeoutError):
            # Its sockets close a moment before it can be waited for.
            async with asyncio.timeout(_DYING_SECONDS):
                await self._child.wait()
        return self._child.returncode is not None

    async def aclose(self) -> None:
        """End the process and wait until it is gone."""
        child, self._child = self._child, None
        if child is not None:
            if child.stdin is not None:
                child.stdin.close()
            try:
                async with asyncio.timeout(_END_SECONDS):
                    await child.wait()
            except TimeoutError:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        reading, self._reading = self._reading, None
        if reading is not None:
            await reading

    async def _start(self, order: str) -> dict[str, str]:
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _CHILD,
            # Where the package is found also if it is not installed.
            cwd=Path(__file__).parents[3],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
        )
        self._child = child
        if child.stdin is None or child.stdout is None or child.stderr is None:
            raise RuntimeError("the child process has no pipes")
        self._last_lines.clear()
        self._reading = asyncio.create_task(self._read(child.stderr))
        with suppress(ConnectionError):
            child.stdin.write(f"{order}\n".encode())
            await child.stdin.drain()
        line = await child.stdout.readline()
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        return answer if isinstance(answer, dict) else {}

    async def _read(self, stderr: asyncio.StreamReader) -> None:
        """Keep the pipe empty: a full one would stop the process."""
        while block := await stderr.read(1 << 16):
            self._last_lines.extend(block.decode("utf-8", "replace").splitlines())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def why(answer: dict[str, str], lines: list[str]) -> str:
    """Say why the process did not start, and what to do."""
    text = answer.get("text", "")
    if "libgomp" in text:
        return (
            "The demo model needs the system library libgomp, which is missing here. "
            "Install it (Debian and Ubuntu: `apt install libgomp1`, Fedora: `dnf "
            f"install libgomp`). {_OTHERWISE}"
        )
    if answer.get("error") == "import":
        return (
            "The demo model needs the package xllamacpp, which is missing or does not "
            f"run here ({text}). Install it: `pip install xllamacpp`. {_OTHERWISE}"
        )
    reason = text or (lines[-1].strip() if lines else "no reason given")
    return f"The demo model could not be started: {reason}. {_OTHERWISE}"
