"""One scripted server for all kernel tests, a kernel for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kernels._kernel import Kernel, run_kernel
from tests.kernels._server import ChatServer, run_server

Start = Callable[..., Kernel]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def start_kernel(tmp_path: Path) -> Iterator[Start]:
    """Start kernels with an environment of the test's making."""
    with ExitStack() as stack:

        def start(**environment: str) -> Kernel:
            place = tmp_path / f"kernel-{len(list(tmp_path.glob('kernel-*')))}"
            place.mkdir()
            environment.setdefault("CODER_CONFIG_DIR", str(place / "coderv2"))
            return stack.enter_context(run_kernel(place, environment))

        yield start


@pytest.fixture(scope="module")
def shared_kernel(
    tmp_path_factory: pytest.TempPathFactory, server: ChatServer
) -> Iterator[Kernel]:
    """One kernel for all tests of a module that do not look at what came before."""
    with run_kernel(tmp_path_factory.mktemp("kernel"), server.environment) as running:
        assert running.run("%load_ext coderchat_jupyter").status == "ok"
        yield running


@pytest.fixture
def kernel(start_kernel: Start, server: ChatServer) -> Kernel:
    """A kernel that talks to the scripted server, the extension loaded."""
    running = start_kernel(**server.environment)
    assert running.run("%load_ext coderchat_jupyter").status == "ok"
    return running
