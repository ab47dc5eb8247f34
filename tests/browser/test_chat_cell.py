"""`%%chat` in a real notebook: streaming, Stop, and what a saved notebook keeps."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser._notebook import Notebook
from tests.browser.conftest import Open, Shoot

LOAD = "%load_ext coderchat_jupyter"


def _ask(notebook: Notebook, index: int) -> Locator:
    """Run the cell to its end; its output's newest answer."""
    notebook.run(index)
    return notebook.output(index).locator('.cc-message[data-role="assistant"]').last


def _frozen(notebook: Notebook, index: int) -> Locator:
    return notebook.output(index).locator(".cc-frozen")


def test_text_grows_while_the_cell_is_done(open_notebook: Open) -> None:
    """A cell that answers must not be a cell that blocks."""
    notebook = open_notebook([LOAD, "%%chat\nTell me more #steady"], kernel="scripted")
    notebook.run(0)

    answer = _ask(notebook, 1)
    expect(answer).to_contain_text("Sentence 3 of")
    early = answer.inner_text()
    expect(answer).to_contain_text("Sentence 20 of")
    later = answer.inner_text()

    assert "Sentence 39 of" not in early
    assert len(later) > len(early)
    expect(_frozen(notebook, 1)).to_contain_text("def greet(name):")
    expect(_frozen(notebook, 1)).to_contain_text("Sentence 39 of the answer.")


def test_a_second_cell_continues_the_same_chat(open_notebook: Open) -> None:
    """A conversation is what one cell after the other says."""
    cells = [
        LOAD,
        "%%chat -o first\nHello",
        "%%chat -o second\nAnd again",
        "first.wait(); second.wait(); first.chat_id == second.chat_id",
    ]
    notebook = open_notebook(cells, kernel="scripted")

    for index in range(len(cells)):
        notebook.run(index)

    expect(_frozen(notebook, 2)).to_contain_text("Context managers")
    expect(notebook.output(3)).to_contain_text("True")


def test_stop_ends_the_answer_and_keeps_what_was_said(
    open_notebook: Open, shoot: Shoot
) -> None:
    """Half an answer is often enough; it was paid for."""
    notebook = open_notebook(
        [LOAD, "%%chat\nWhat is a context manager? #slow"], kernel="scripted"
    )
    notebook.run(0)

    answer = _ask(notebook, 1)
    expect(answer).to_contain_text("Block 9 is")
    shoot(notebook, notebook.cell(1), "cell-streaming")
    notebook.output(1).get_by_role("button", name="Stop").click()

    frozen = _frozen(notebook, 1)
    expect(frozen).to_contain_text("Context managers")
    expect(frozen).to_contain_text("Block 0 is over. Block 1 is over.")
    expect(frozen).to_contain_text("Block 9 is")
    expect(notebook.output(1).get_by_role("button", name="Stop")).to_have_count(0)
    assert "Block 3999" not in frozen.inner_text()
    shoot(notebook, notebook.cell(1), "cell-stopped")


def test_a_saved_answer_is_the_same_after_a_reload(open_notebook: Open) -> None:
    """The page is only a view; the notebook file is what stays."""
    notebook = open_notebook([LOAD, "%%chat\nHello"], kernel="scripted")
    notebook.run(0)
    notebook.run(1)
    expect(_frozen(notebook, 1)).to_contain_text("whatever happened")
    before = _frozen(notebook, 1).inner_text()

    notebook.save()
    notebook.open()

    expect(_frozen(notebook, 1)).to_contain_text("whatever happened")
    assert _frozen(notebook, 1).inner_text() == before


def test_a_notebook_without_a_kernel_still_shows_the_conversation(
    open_notebook: Open, shoot: Shoot
) -> None:
    """It is sent to someone who has neither the package nor a server."""
    notebook = open_notebook([LOAD, "%%chat\nHello there"], kernel="scripted")
    notebook.run(0)
    notebook.run(1)
    expect(_frozen(notebook, 1)).to_contain_text("whatever happened")
    notebook.save()
    notebook.shut_down_kernel()

    # As on another machine: the kernel is unknown there and the file untrusted.
    book: dict[str, Any] = json.loads(notebook.saved())
    book["metadata"]["kernelspec"]["name"] = "not-on-this-machine"
    notebook.path.write_text(json.dumps(book), "utf-8")
    notebook.open(kernel=False)
    choice = notebook.page.get_by_role("dialog")
    choice.get_by_role("button", name="No Kernel").click()

    shown = notebook.output(1)
    expect(shown).to_contain_text("Hello there")
    expect(shown).to_contain_text("whatever happened")
    expect(shown).not_to_contain_text("model not found")
    shoot(notebook, notebook.cell(1), "cell-without-kernel")
    assert "widget-view" not in json.dumps(book["cells"][1]["outputs"])
