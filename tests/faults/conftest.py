"""A real server in a process of its own, on a database that outlives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.fakes.real_server import RealServer

# Long enough to be killed in the middle of, however busy the machine is.
SCRIPTS: Final[dict[str, Any]] = {
    "default": [[{"text": "Hello, world."}]],
    "short": [[{"text": "w{i} ", "repeat": 60, "delay_ms": 5}]],
    "long": [[{"text": "w{i} ", "repeat": 400, "delay_ms": 10}]],
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    server = RealServer(tmp_path, SCRIPTS)
    server.start()
    yield server
    server.stop()
