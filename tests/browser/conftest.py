"""One JupyterLab and one Chromium for all tests here; a fresh page for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from tests import _chromium
from tests.browser._lab import Lab, run_lab
from tests.browser._notebook import Notebook, write_notebook
from tests.browser._scripts import SCRIPTS
from tests.kernels._server import ChatServer, run_server

# Not ours: JupyterLab, when a page is left while its kernel still answers, and its
# widget manager, when a kernel is shut down under a live widget.
_THEIRS: Final = re.compile(
    r"Canceled future for .* before replies were done"
    r"|reading 'kernel'\)\s+at \w+ \(\S+/@jupyter-widgets/jupyterlab-manager/"
)

_PATIENCE: Final = 30_000
"""Milliseconds for what takes one on an idle machine: it may be a busy one."""

SCREENSHOTS: Final = Path(__file__).parent / "screenshots"

Shoot = Callable[[Notebook, Locator, str], None]
Open = Callable[..., Notebook]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the user who sits at the notebooks."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def lab(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A running JupyterLab."""
    own = {"CODERCHAT_DATA_DIR": str(home), "CODERCHAT_RUNTIME_DIR": str(home / "run")}
    with run_lab(tmp_path_factory.mktemp("lab"), own) as running:
        yield running


@pytest.fixture(scope="session")
def server(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """A chat server with a scripted model; the kernel `scripted` talks to it."""
    with run_server(tmp_path_factory.mktemp("server"), SCRIPTS) as running:
        lab.add_kernel("scripted", running.environment)
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium.find_or_install(),
            headless=True,
            args=list(_chromium.ARGUMENTS),
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of its own context; an error on its console fails the test."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(_PATIENCE)
    fresh = context.new_page()
    errors: list[str] = []

    def note(text: str) -> None:
        if not _THEIRS.search(text):
            errors.append(text)

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            note(f"{message.text} ({message.location.get('url')})")

    fresh.on("console", note_console)
    fresh.on("pageerror", lambda error: note(error.stack or str(error)))
    yield fresh
    context.close()
    assert errors == []


@pytest.fixture
def open_notebook(
    lab: Lab, server: ChatServer, page: Page, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Write a notebook of these cells and open it; its kernel ends with the test."""
    opened: list[Notebook] = []

    def open_it(cells: list[str], kernel: str = "python3") -> Notebook:
        path = lab.root / f"{request.node.name}.ipynb"
        write_notebook(path, cells, kernel)
        notebook = Notebook(page, lab.url, path)
        opened.append(notebook)
        notebook.open()
        return notebook

    yield open_it
    for notebook in opened:
        notebook.shut_down_kernel()


@pytest.fixture
def shoot() -> Shoot:
    """Write a picture of a place in the notebook, light and dark, to be looked at."""

    def shoot_it(notebook: Notebook, place: Locator, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        for theme in ("Dark", "Light"):
            notebook.change_theme(f"JupyterLab {theme}")
            # Given a path, Playwright writes in a thread that it never ends.
            picture = place.screenshot()
            (SCREENSHOTS / f"{name}-{theme.lower()}.png").write_bytes(picture)

    return shoot_it
