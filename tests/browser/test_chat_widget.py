"""`ChatWidget` in a real notebook: a whole chat with its prompt box."""

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


def test_a_chat_from_the_first_prompt_to_the_second_answer(
    open_notebook: Open, shoot: Shoot
) -> None:
    """Nothing but the box is needed; the notebook's own keys stay out of it."""
    notebook, chat = _opened(open_notebook)
    shoot(notebook, chat, "chat-empty")

    _say(chat, "Hello there")
    answers = chat.locator('.cc-message[data-role="assistant"]')
    expect(answers).to_contain_text("point 2")
    expect(answers.locator(".cc-facts")).to_contain_text("1,200 in")
    _say(chat, "And again")
    expect(answers).to_have_count(2)
    expect(answers.last).to_contain_text("point 2")

    expect(chat.locator(".cc-status")).to_contain_text("Ready")
    expect(chat.get_by_role("textbox", name="Message")).to_have_value("")
    expect(notebook.page.locator(".jp-Notebook-cell")).to_have_count(1)
    shoot(notebook, chat, "chat-two-answers")


def test_a_prompt_waits_for_the_answer_before_it_and_escape_stops(
    open_notebook: Open, shoot: Shoot
) -> None:
    """The queue is shown, can be emptied, and the partial text stays."""
    notebook, chat = _opened(open_notebook)
    _say(chat, "Talk #slow")
    answer = chat.locator('.cc-message[data-role="assistant"]')
    expect(answer).to_contain_text("word9 ")

    _say(chat, "Then this")
    expect(chat.locator(".cc-queued")).to_contain_text("Then this")
    shoot(notebook, chat, "chat-queue")
    chat.get_by_role("button", name="Remove from the queue").click()
    expect(chat.locator(".cc-queued")).to_have_count(0)
    chat.get_by_role("textbox", name="Message").press("Escape")

    expect(chat.locator(".cc-status")).to_contain_text("Ready")
    expect(answer).to_contain_text("word9 ")
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


def test_a_kernel_that_is_gone_is_said_so(open_notebook: Open, shoot: Shoot) -> None:
    """What was seen last stays readable, and nothing pretends to work."""
    notebook, chat = _opened(open_notebook)
    _say(chat, "Hello there")
    expect(chat).to_contain_text("point 2")

    notebook.shut_down_kernel()

    expect(chat).to_contain_text("Not connected to a kernel")
    expect(chat).to_contain_text("point 2")
    expect(chat.get_by_role("textbox", name="Message")).to_have_count(0)
    shoot(notebook, chat, "chat-kernel-gone")
