"""The first notebook as a new user runs it: own server, real model, no network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser._lab import Lab
from tests.browser._notebook import Notebook
from tests.browser.conftest import Shoot
from tests.fakes.embedded import end_server

SOURCE: Final = Path(__file__).parents[2] / "notebooks" / "01_first_chat.ipynb"

PATIENT: Final = 120_000
"""A first start on a busy machine makes a database and loads a model."""


@pytest.fixture
def notebook(
    lab: Lab, page: Page, home: Path, model_folder: Path
) -> Iterator[Notebook]:
    """The notebook as it is in the checkout, and the end of the server it starts."""
    (home / "models").symlink_to(model_folder)
    path = lab.root / SOURCE.name
    shutil.copyfile(SOURCE, path)
    opened = Notebook(page, lab.url, path)
    opened.open()
    yield opened
    opened.shut_down_kernel()
    end_server(home / "run")


def _places() -> dict[str, int]:
    cells: list[dict[str, Any]] = json.loads(SOURCE.read_text("utf-8"))["cells"]
    return {
        tag: place
        for place, cell in enumerate(cells)
        for tag in cell["metadata"].get("tags", [])
    }


def test_the_first_notebook_is_a_conversation_with_a_real_model(
    notebook: Notebook, shoot: Shoot
) -> None:
    """What the README promises, from the first cell to a file without a kernel."""
    at = _places()
    frozen = ".cc-frozen"

    notebook.run(at["load"])
    notebook.run(at["first-chat"], PATIENT)
    first = notebook.output(at["first-chat"])
    expect(first.locator(frozen)).to_be_visible(timeout=PATIENT)
    notebook.run(at["second-chat"])
    notebook.run(at["wait"], PATIENT)
    expect(notebook.output(at["wait"])).to_contain_text("done in chat")
    shoot(notebook, notebook.cell(at["first-chat"]), "first-answer")

    # The model is quick; only a long answer can be stopped in the middle.
    notebook.run(at["stop-chat"])
    story = notebook.output(at["stop-chat"])
    answer = story.locator('.cc-message[data-role="assistant"]')
    expect(answer).to_contain_text(" ", timeout=PATIENT)
    story.get_by_role("button", name="Stop").click()
    expect(story.locator(frozen)).to_contain_text("stopped")

    notebook.run(at["editor"])
    editor = notebook.output(at["editor"]).locator(".cc-editor")
    expect(editor).to_contain_text("Tiny demo model")
    shoot(notebook, editor, "first-editor")
    notebook.run(at["costs"])
    costs = notebook.output(at["costs"]).locator(".cc-costs")
    expect(costs.locator("svg.cc-chart")).to_be_visible()
    shoot(notebook, costs, "first-costs")
    notebook.run(at["costs-frame"])
    expect(notebook.output(at["costs-frame"]).locator("table")).to_be_visible()

    said = first.inner_text()
    notebook.save()
    notebook.shut_down_kernel()
    notebook.open(kernel=False)
    expect(first.locator(frozen)).to_be_visible()
    assert first.inner_text() == said
