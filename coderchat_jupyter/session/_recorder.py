"""Write what a session is told to a file, so that it can be played again."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self, TextIO

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import CoderChatError, RecordingError
from coderchat_jupyter.session._recording import Header, LinkPhase, encode_step
from coderchat_jupyter.session._redact import (
    is_unfinished,
    redacted,
    redacted_text,
)
from coderchat_jupyter.session._spelled import Spelled
from coderchat_jupyter.state.chat_state import Link
from coderchat_jupyter.state.steps import Step
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Recording", "header_of"]

_log: Final = logging.getLogger(__name__)


class Recording:
    """A recording that is being written; a context manager that ends it.

    A disk that is full ends the recording, never the session: see `error`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: Header,
        *,
        scrub: Callable[[str], str] = str,
        begun: Callable[[str], bool] = lambda _: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin a file that only its owner may read.

        Args:
            path: The file; it must not be there yet.
            header: What it says of itself.
            scrub: Takes out of a text what must not be written.
            begun: Whether a text ends with the beginning of such a thing.
            clock: Seconds, from any beginning.

        Raises:
            RecordingError: There is such a file, or none can be made there.
        """
        self.path = Path(path)
        self.error = ""
        self._scrub = scrub
        self._spelled = Spelled(
            lambda text: redacted_text(text, scrub),
            lambda text: begun(text) or is_unfinished(text),
        )
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        # A line that cannot be written ends the recording, and that writes the rest.
        self._order = threading.RLock()
        self._stop: Callable[[], None] | None = None
        self._file: TextIO | None = _create(self.path)
        self._write(redacted(header.line(), scrub=scrub))

    def __repr__(self) -> str:
        return f"Recording({self.path.name!r}, {'open' if self._file else 'closed'})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """More is going to be written."""
        return self._file is not None

    def close(self) -> None:
        """End the recording. Any thread; may be called twice."""
        with self._order:
            self._write_all(self._spelled.rest())
        with self._lock:
            file, self._file = self._file, None
            stop, self._stop = self._stop, None
        if stop is not None:
            stop()
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self.error = str(error.strerror)

    def ends_with(self, stop: Callable[[], None]) -> None:
        """Call `stop` when the recording is closed."""
        self._stop = stop

    def on_step(self, step: Step) -> None:
        """Write a step."""
        if (line := encode_step(step)) is not None:
            self._note(line)

    def on_link(self, link: Link) -> None:
        """Write how the connection does; its end is that of the recording."""
        line = encode_step(LinkPhase(link.phase, link.attempt))
        if line is not None:
            self._note(line)
        if link.phase in ("closed", "failed"):
            self.close()

    def _note(self, line: dict[str, Any]) -> None:
        at = round(self._clock() - self._began, 6)
        with self._order:
            self._write_all(self._spelled.take({"at": at, **line}))

    def _write_all(self, lines: Sequence[dict[str, Any]]) -> None:
        for line in lines:
            self._write(redacted(line, scrub=self._scrub))

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":"))
        with self._lock:
            if self._file is None:
                return
            try:
                self._file.write(text + "\n")
                self._file.flush()
            except (OSError, ValueError) as error:
                self.error = str(getattr(error, "strerror", "") or "It is closed.")
        if self.error:
            _log.warning("The recording %s has ended: %s", self.path.name, self.error)
            self.close()


async def header_of(client: Client, chat_id: ChatId) -> Header:
    """What a recording of a chat says of itself."""
    package, server = "", ""
    # It may be on the path without being installed.
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        package = importlib.metadata.version("coderchat-jupyter")
    with contextlib.suppress(CoderChatError):
        server = (await client.server.build_info()).version
    return Header(
        package=package,
        recorded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server=server,
        chat_id=chat_id,
    )


def _create(path: Path) -> TextIO:
    def private(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    try:
        return open(path, "x", encoding="ascii", opener=private)
    except FileExistsError:
        raise RecordingError(f"There is a file {path.name!r} already.") from None
    except OSError as error:
        told = f"No recording can be written to {path.name!r}: {error.strerror}."
        raise RecordingError(told) from None
