"""The life of a `ChatWidget` in a notebook: its queue, a reload, the kernel's end."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser._notebook import Notebook
from tests.browser.conftest import Open, Shoot

SHOW = "from coderchat_jupyter import ChatWidget\nchat = ChatWidget()\nchat"


def _opened(open_notebook: Open, *more: str) -> tuple[Notebook, Locator]:
    """A notebook whose first cell shows a chat, and the chat."""
    notebook = open_notebook([SHOW, *more], kernel="scripted")
    notebook.run(0)
    chat = notebook.output(0).locator(".cc-chat")
    expect(chat.get_by_role("textbox", name="Message")).to_be_visible()
    return notebook, chat


def _say(chat: Locator, text: str) -> None:
    chat.get_by_role("textbox", name="Message").fill(text)
    chat.get_by_role("textbox", name="Message").press("Enter")


def test_a_prompt_waits_for_the_answer_before_it_and_escape_stops(
    open_notebook: Open, shoot: Shoot
) -> None:
    """The queue is shown, can be emptied, and the partial text stays."""
    notebook, chat = _opened(open_notebook)
    _say(chat, "Talk #slow")
    answer = chat.locator('.cc-message[data-role="assistant"]')
    expect(answer).to_contain_text("Block 9 is")

    _say(chat, "Then this")
    expect(chat.locator(".cc-queued")).to_contain_text("Then this")
    shoot(notebook, chat, "chat-queue")
    chat.get_by_role("button", name="Remove from the queue").click()
    expect(chat.locator(".cc-queued")).to_have_count(0)
    chat.get_by_role("textbox", name="Message").press("Escape")

    expect(chat.locator(".cc-status")).to_contain_text("Ready")
    expect(answer).to_contain_text("Block 9 is")
    expect(answer).to_contain_text("Stopped")
    shoot(notebook, chat, "chat-stopped")


def test_two_cells_and_a_reloaded_page_show_the_same_chat(
    open_notebook: Open,
) -> None:
    """The kernel is the truth; every page and cell is a view of it."""
    notebook, chat = _opened(open_notebook, "chat")
    notebook.run(1)
    second = notebook.output(1).locator(".cc-chat")
    _say(chat, "Tell me more #steady")
    expect(chat).to_contain_text("Sentence 3 of")
    expect(second).to_contain_text("Sentence 3 of")

    notebook.save()
    notebook.open()

    for index in (0, 1):
        shown = notebook.output(index).locator(".cc-chat")
        expect(shown).to_contain_text("Sentence 39 of the answer.")
        expect(shown.locator(".cc-status")).to_contain_text("Ready")


def test_a_kernel_that_ends_leaves_the_conversation_behind(
    open_notebook: Open, shoot: Shoot
) -> None:
    """The last word of the kernel is what the notebook is saved with."""
    notebook, chat = _opened(open_notebook)
    _say(chat, "Hello there")
    expect(chat).to_contain_text("whatever happened")

    notebook.shut_down_kernel()

    shown = notebook.output(0).locator(".cc-frozen")
    expect(shown).to_contain_text("Hello there")
    expect(shown).to_contain_text("whatever happened")
    notebook.save()
    assert "widget-view" not in notebook.saved()
    shoot(notebook, notebook.cell(0), "chat-after-shutdown")
