"""A notebook in a page, driven through JupyterLab's own commands.

Commands and not clicks, where the click is not what is tested: they do not
depend on what has the focus or is scrolled into view.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page

__all__ = ["Notebook", "write_notebook"]

# `idle` on the indicator is shown before there is a kernel; these promises are not.
_READY: Final = """async (withKernel) => {
  const app = window.jupyterapp;
  await app.restored;
  let panel;
  while (!(panel = app.shell.currentWidget)?.sessionContext?.isReady
         && !(panel?.context?.isReady && !withKernel)) {
    await new Promise((done) => setTimeout(done, 50));
  }
  await panel.context.ready;
  if (withKernel) await panel.sessionContext.session.kernel.info;
}"""


def write_notebook(path: Path, cells: list[str], kernel: str = "python3") -> None:
    """Write a notebook of these code cells, to be run on a kernel."""
    book: Any = new_notebook(cells=[new_code_cell(source) for source in cells])
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    book.metadata["kernelspec"] = spec
    nbformat.write(book, path)


class Notebook:
    """The one notebook that is open in the page."""

    def __init__(self, page: Page, url: str, path: Path) -> None:
        self.page = page
        self.path = path
        self._url = f"{url}/lab/tree/{path.name}?reset"

    def open(self, *, kernel: bool = True) -> None:
        """Load the page, and wait for its notebook and, if asked, its kernel."""
        self.page.goto(self._url)
        self.page.locator(".jp-Notebook").wait_for()
        self.page.evaluate(_READY, kernel)

    def cell(self, index: int) -> Locator:
        """The cell at this place, counted over all kinds."""
        return self.page.locator(".jp-Notebook-cell").nth(index)

    def output(self, index: int) -> Locator:
        """What is shown below a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def start(self, index: int) -> None:
        """Run one cell, and do not wait for it."""
        self.page.evaluate(
            """(i) => {
              const { shell, commands } = window.jupyterapp;
              const notebook = shell.currentWidget.content;
              notebook.activeCellIndex = i;
              notebook.deselectAll();
              commands.execute("notebook:run-cell");
            }""",
            index,
        )

    def wait_for(self, index: int, timeout: float = 60_000) -> None:
        """Wait until the cell is done: its prompt shows a number."""
        self.page.wait_for_function(
            """(i) => /\\[\\d+\\]/.test(
              document.querySelectorAll(".jp-Notebook-cell")[i]
                .querySelector(".jp-InputPrompt")?.textContent ?? "")""",
            arg=index,
            timeout=timeout,
        )

    def run(self, index: int, timeout: float = 60_000) -> None:
        """Run one cell to its end."""
        self.start(index)
        self.wait_for(index, timeout)

    def save(self) -> None:
        """Save, as the user's Ctrl-S does, and wait until it is on disk."""
        self.page.evaluate(
            "() => window.jupyterapp.commands.execute('docmanager:save')"
        )

    def saved(self) -> str:
        """The notebook file, as it is on disk."""
        return self.path.read_text("utf-8")

    def shut_down_kernel(self) -> None:
        """End the kernel, as the user's menu does."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
        )

    def change_theme(self, theme: str) -> None:
        """Change to "JupyterLab Light" or "JupyterLab Dark" and wait for it."""
        self.page.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme',"
            " { theme })",
            theme,
        )
        self.page.wait_for_function(
            "(theme) => document.body.dataset.jpThemeName === theme", arg=theme
        )
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
