"""`ModelConfigEditor` in a real notebook: from a base URL and a key to an answer."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser._endpoint import run_endpoint
from tests.browser.conftest import Open, Shoot
from tests.fakes.vendor import chat_stream

LOAD = "%load_ext coderchat_jupyter"
EDITOR = "from coderchat_jupyter import ModelConfigEditor\nModelConfigEditor()"
KEY = "sk-never-in-a-notebook"


def _fill(editor: Locator, label: str, text: str) -> None:
    editor.get_by_label(label, exact=True).fill(text)


def test_an_endpoint_is_connected_and_answers(
    open_notebook: Open, shoot: Shoot
) -> None:
    """A base URL, a key and a model's name are all that a bigger model needs."""
    cells = [LOAD, EDITOR, "%%chat --model big-model\nHello"]
    notebook = open_notebook(cells, kernel="scripted")
    notebook.run(0)
    notebook.run(1)
    editor = notebook.output(1).locator(".cc-editor")
    with run_endpoint() as endpoint:
        editor.get_by_role("button", name="Connect an endpoint").click()
        editor.get_by_text("Other", exact=True).click()
        _fill(editor, "Base URL", endpoint.url)
        _fill(editor, "API key", KEY)
        _fill(editor, "Model id", "big-model")
        # The server is shared: other tests go on with the model they know.
        choice = editor.get_by_role("radiogroup", name="Use for new chats")
        choice.get_by_text("Off").click()
        shoot(notebook, editor, "editor-endpoint")
        editor.get_by_role("button", name="Save").click()
        expect(editor.locator(".cc-editor-said")).to_have_text("Saved")
        shoot(notebook, editor, "editor-saved")

        # The same for whatever else the server asks: a title, a label.
        answer_of_all = chat_stream({"content": "Big "}, {"content": "words."})
        endpoint.will(*[answer_of_all] * 9)
        notebook.run(2)
        answer = notebook.output(2).locator(".cc-frozen")
        expect(answer).to_contain_text("Big words.")
        seen = endpoint.seen[-1]

    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.body["model"] == "big-model"
    notebook.save()
    assert KEY not in notebook.saved()


def test_a_price_is_edited_and_a_wrong_one_is_refused(
    open_notebook: Open, shoot: Shoot
) -> None:
    """The kernel decides what is right; the page shows it at the field."""
    notebook = open_notebook([LOAD, EDITOR], kernel="scripted")
    notebook.run(0)
    notebook.run(1)
    editor = notebook.output(1).locator(".cc-editor")
    editor.locator(".cc-editor-row", has_text="Scripted").first.click()

    _fill(editor, "Input", "-3")
    editor.get_by_role("button", name="Save").click()
    expect(editor.get_by_role("alert")).to_have_count(1)
    shoot(notebook, editor, "editor-refused")
    _fill(editor, "Input", "3.25")
    _fill(editor, "Output", "12")
    editor.get_by_role("button", name="Save").click()
    expect(editor.locator(".cc-editor-said")).to_have_text("Saved")

    # Another view of the same server shows what was really stored.
    notebook.run(1)
    fresh = notebook.output(1).locator(".cc-editor")
    fresh.locator(".cc-editor-row", has_text="Scripted").first.click()
    expect(fresh.get_by_label("Input", exact=True)).to_have_value(re.compile("3.25"))
    expect(fresh.get_by_label("Output", exact=True)).to_have_value("12")
