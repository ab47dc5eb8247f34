"""A plain IPython shell in this process, and a scripted server for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from coderchat_jupyter import load_ipython_extension, unload_ipython_extension
from coderchat_jupyter.session import (
    background,
    default_client,
    shutdown_background,
    use_client,
)
from tests.kernels._server import ChatServer, run_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """A shell that keeps no history and knows no user."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    return InteractiveShell(config=config)


@pytest.fixture
def terminal(
    shell: InteractiveShell, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """The shell with the extension loaded, talking to the scripted server."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    load_ipython_extension(shell)
    yield shell
    unload_ipython_extension(shell)
    background().run(default_client().aclose())
    use_client(None)
    shutdown_background()
