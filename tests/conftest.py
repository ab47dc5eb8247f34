"""A private world for the tests, and nothing left behind by any of them."""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

from tests._leaks import Holdings, held, released

_WORLD: Final = Path(tempfile.mkdtemp(prefix="coderchat-tests-"))
_BEFORE: Final = pytest.StashKey[Holdings]()

# The same examples every time; `EXAMPLES=5000` looks further.
settings.register_profile(
    "tests",
    max_examples=int(os.environ.get("EXAMPLES", "50")),
    derandomize=True,
    deadline=None,
    database=None,
)
settings.load_profile("tests")


def pytest_configure() -> None:
    """Cut the run off from the user's own settings, before anything is imported.

    Fixtures of a wider scope than one test, and every process they start, are
    covered as well. The caches stay: they hold downloads, no settings.
    """
    # A shell starts its background jobs with interrupts ignored, for all they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    home = Path.home()
    for name in list(os.environ):
        ours = name.startswith(("CODER_", "CODERCHAT_", "JUPYTER", "JPY_", "IPYTHON"))
        if ours or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.setdefault("XDG_CACHE_HOME", str(home / ".cache"))
    private = {
        "HOME": "home",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
        "XDG_STATE_HOME": "state",
        "XDG_RUNTIME_DIR": "run",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "jupyter-config",
        "JUPYTER_DATA_DIR": "jupyter-data",
        "JUPYTER_RUNTIME_DIR": "jupyter-run",
        "CODERCHAT_DATA_DIR": "coderchat",
        "CODERCHAT_RUNTIME_DIR": "coderchat-run",
    }
    for name, folder in private.items():
        os.environ[name] = str(_WORLD / folder)
        (_WORLD / folder).mkdir(mode=0o700)
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"


def pytest_unconfigure() -> None:
    shutil.rmtree(_WORLD, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Playwright keeps a loop running in this thread until the run ends, and
    # then no test could start a loop of its own: the browser comes last.
    items.sort(key=lambda item: "browser" in item.path.parent.parts)
    for item in items:
        called = getattr(item, "function", None)
        if inspect.iscoroutinefunction(called) and isinstance(item, pytest.Function):
            item.fixturenames.insert(0, "_no_task_left")


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The folder `models` of a data directory, with the local model in it.

    Fetched once and kept with the checkout's environment: link to it.
    """
    from coderchat_jupyter.server.providers import local_model

    return local_model.fetch(Path(sys.prefix) / "share" / "coderchat").parent


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has data and runtime folders of its own."""
    for name, folder in (("DATA", "data"), ("RUNTIME", "run")):
        path = tmp_path / f"coderchat-{folder}"
        monkeypatch.setenv(f"CODERCHAT_{name}_DIR", str(path))


@pytest.fixture(autouse=True)
def _note_what_is_held(request: pytest.FixtureRequest) -> Iterator[None]:
    # Here and not before the set-up: what wider fixtures start is theirs.
    request.node.stash[_BEFORE] = held()
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """After all fixtures of a test are gone, so is all that it started."""
    yield
    before = item.stash.get(_BEFORE, None)
    if before is not None and (left := released(before)):
        pytest.fail(f"left behind: {left}", pytrace=False)


@pytest.fixture
async def _no_task_left() -> AsyncIterator[None]:
    """A task that outlives its test would be cancelled in silence by the loop."""
    before = asyncio.all_tasks()
    yield
    rest = asyncio.all_tasks() - before - {asyncio.current_task()}
    if rest:
        _, rest = await asyncio.wait(rest, timeout=2)
    for task in rest:
        task.cancel()
    assert not rest, f"tasks left behind: {[repr(task) for task in rest]}"
