"""The embedded server that a test made start by using it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import psutil

__all__ = ["end_server", "find_server"]


def find_server(runtime_dir: Path) -> psutil.Process | None:
    """The process that the runtime file names, if there is one."""
    with suppress(OSError, ValueError, KeyError, psutil.NoSuchProcess):
        told = json.loads((runtime_dir / "server.json").read_text("utf-8"))
        return psutil.Process(told["pid"])
    return None


def end_server(runtime_dir: Path) -> None:
    """End the server, if it runs, and wait until it and its model are gone."""
    server = find_server(runtime_dir)
    if server is None:
        return
    family = [server]
    with suppress(psutil.NoSuchProcess):
        family += server.children(recursive=True)
        server.terminate()
    _, alive = psutil.wait_procs(family, timeout=30)
    for each in alive:
        each.kill()
