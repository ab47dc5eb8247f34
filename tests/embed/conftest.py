"""An embedded server of one's own for each test, and the end of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from coderchat_jupyter import config
from coderchat_jupyter.config import Settings


class World:
    """The folders of one test and the server that may run in them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.file = settings.runtime_dir / "server.json"

    def known(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return found

    def process(self) -> psutil.Process:
        return psutil.Process(self.known()["pid"])

    def stop(self) -> None:
        """End the server that runs, and its model, by their ids."""
        with suppress(OSError, ValueError, TypeError, KeyError, psutil.NoSuchProcess):
            server = self.process()
            if str(self.settings.data_dir) not in server.cmdline():
                return  # a file that a test wrote
            children = server.children(recursive=True)
            server.terminate()
            try:
                server.wait(timeout=20)
            except psutil.TimeoutExpired:
                server.kill()
                server.wait(timeout=20)
            psutil.wait_procs(children, timeout=20)


@pytest.fixture
def world(model_folder: Path) -> Iterator[World]:
    settings = config.load()
    settings.data_dir.mkdir(mode=0o700)
    (settings.data_dir / "models").symlink_to(model_folder)
    found = World(settings)
    yield found
    found.stop()
