"""`ChatWidget` in a real notebook: a whole chat, written to with the keyboard."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open, Shoot

WIDGET = "from coderchat_jupyter import ChatWidget\nchat = ChatWidget()\nchat"


def test_a_chat_is_held_by_keyboard(open_notebook: Open, shoot: Shoot) -> None:
    """Who writes has the hands on the keys."""
    notebook = open_notebook([WIDGET], kernel="scripted")
    notebook.run(0)
    chat = notebook.output(0).locator(".cc-chat")
    box = chat.get_by_role("textbox", name="Message")
    answers = chat.locator('.cc-message[data-role="assistant"]')
    shoot(notebook, chat, "widget-empty")

    box.fill("What is a context manager?")
    box.press("Enter")
    expect(answers).to_have_count(1)
    expect(answers.first).to_contain_text("whatever happened")
    expect(chat.locator(".cc-status")).to_have_attribute("data-status", "waiting")
    box.fill("Once more, please.")
    box.press("Enter")
    expect(answers).to_have_count(2)
    expect(answers.last).to_contain_text("whatever happened")
    expect(chat.locator(".cc-status")).to_have_attribute("data-status", "waiting")

    shoot(notebook, chat, "widget-conversation")


def test_the_same_chat_is_seen_in_two_cells(open_notebook: Open) -> None:
    """A view is not the chat."""
    notebook = open_notebook([WIDGET, "chat"], kernel="scripted")
    notebook.run(0)
    notebook.run(1)
    first, second = (notebook.output(place).locator(".cc-chat") for place in (0, 1))

    first.get_by_role("textbox", name="Message").fill("Hello")
    first.get_by_role("button", name="Send").click()

    for view in (first, second):
        answer = view.locator('.cc-message[data-role="assistant"]')
        expect(answer).to_contain_text("whatever happened")
