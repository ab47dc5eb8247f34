"""What one answer costs on the kernel's wire, and that none of it is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.kernels._kernel import Kernel, Message, size
from tests.kernels._page import Page
from tests.kernels._server import TOKENS, ChatServer
from tests.kernels.conftest import Start

ANSWER = "".join(f"w{i} " for i in range(TOKENS))


def _updates(messages: list[Message], display_id: str) -> list[dict[str, Any]]:
    return [
        m["content"]["data"]
        for m in messages
        if m["msg_type"] == "update_display_data"
        and m["content"]["transient"]["display_id"] == display_id
    ]


@pytest.mark.parametrize("script", ["long", "burst"])
def test_2000_tokens_take_few_messages_and_arrive_whole(
    kernel: Kernel, script: str
) -> None:
    """Full text per token would be 2,000 messages and 11 MB."""
    first = len(kernel.messages)

    cell = kernel.run(f"%%chat\nplay #{script}")
    display_id = cell.display_id()
    kernel.until(lambda: bool(_updates(kernel.messages, display_id)))
    published = kernel.messages[first:]

    assert len(published) <= 450
    assert sum(size(message) for message in published) <= 400_000
    assert Page().read(kernel.messages).text == ANSWER
    (frozen,) = _updates(kernel.messages, display_id)
    assert ANSWER.strip() in frozen["text/markdown"]
    assert ANSWER.strip() in frozen["text/plain"]
    assert ANSWER.strip() in frozen["text/html"]
    assert kernel.value("_chat.text") == ANSWER


def test_the_cell_is_done_before_the_answer_is(kernel: Kernel) -> None:
    """A cell that answers must not be a cell that blocks."""
    cell = kernel.run("%%chat\nplay #endless")

    assert cell.status == "ok"
    assert not _updates(kernel.messages, cell.display_id())
    kernel.until(lambda: "word5 " in Page().read(kernel.messages).text)
    assert kernel.value("[_chat.status, _chat.is_done, 1 + 1]") == ["running", False, 2]
    kernel.run("%chat stop")
    kernel.until(lambda: bool(_updates(kernel.messages, cell.display_id())))


def test_a_cell_shows_one_output_and_no_second_one(kernel: Kernel) -> None:
    """The reply comes back as a value, for those who ask for it."""
    cell = kernel.run("%%chat\nhello")

    assert cell.kinds.count("display_data") == 1
    assert "execute_result" not in cell.kinds
    assert "stream" not in cell.kinds
    assert kernel.run("_chat.wait()").kinds.count("execute_result") == 1


def test_the_output_freezes_into_types_that_need_no_kernel(kernel: Kernel) -> None:
    """A saved notebook must be readable by who has neither kernel nor package."""
    cell = kernel.run("%%chat\nhello")
    kernel.run("_chat.wait()")
    frozen = _updates(kernel.messages, cell.display_id())[-1]
    chat_id = kernel.value("_chat.chat_id")

    assert set(frozen) == {"text/plain", "text/markdown", "text/html"}
    html = re.sub(r' style="[^"]*"', "", frozen["text/html"])
    assert "<strong>Hello</strong> from <code>the</code> script." in html
    for text in frozen.values():
        assert "Scripted" in text
        assert "1,200 tokens in" in text
        assert "2,000 out" in text
        assert chat_id in text
    assert not Page().read(kernel.messages).is_open


@pytest.mark.parametrize("wait", ["_chat.wait();", "await _chat;"])
def test_a_cell_that_waited_tells_the_answer_in_its_own_name(
    kernel: Kernel, wait: str
) -> None:
    """Programs that execute notebooks listen to the running cell alone."""
    one = kernel.run("%%chat\nplay #long")
    two = kernel.run("%%chat\nhello")

    waiting = kernel.run(wait)

    frozen = _updates(waiting.messages, one.display_id())[-1]
    assert ANSWER.strip() in frozen["text/markdown"]
    assert _updates(waiting.messages, two.display_id())


def test_the_next_cell_tells_of_answers_that_ended_before_it(kernel: Kernel) -> None:
    """For the same programs, in notebooks that never wait."""
    cell = kernel.run("%%chat\nhello")
    kernel.until(lambda: bool(_updates(kernel.messages, cell.display_id())))

    assert len(_updates(kernel.run("1").messages, cell.display_id())) == 1
    assert not _updates(kernel.run("1").messages, cell.display_id())


def test_nothing_is_said_twice_to_a_page(kernel: Kernel) -> None:
    """It listens to everything, and drawing anew would close what a reader opened."""
    cell = kernel.run("%%chat\nplay #long")
    page = Page().read(kernel.messages)
    kernel.send_comm(page.comm_id, {"kind": "snapshot", "rev": 0})

    kernel.run("_chat.wait();")
    kernel.run("1")

    assert len(_updates(kernel.messages, cell.display_id())) == 1


def test_a_notebook_run_without_a_screen_is_saved_with_its_answers(
    start_kernel: Start, server: ChatServer
) -> None:
    """One variable, and no cell has to be changed."""
    kernel = start_kernel(CODERCHAT_WAIT="1", **server.environment)
    kernel.run("%load_ext coderchat_jupyter")

    cell = kernel.run("%%chat\nhello")

    assert cell.status == "ok"
    (frozen,) = _updates(cell.messages, cell.display_id())
    assert "**Hello** from" in frozen["text/markdown"]


def test_a_second_cell_goes_on_in_the_same_chat(kernel: Kernel) -> None:
    """Also while the first is being answered: then it waits its turn."""
    kernel.run("%%chat -o first\nplay #long")
    kernel.run("%%chat -o second\nhello")
    kernel.run("second.wait();")

    assert kernel.value("first.chat_id == second.chat_id")
    assert kernel.value("[first.status, second.status]") == ["done", "done"]
    assert kernel.value("first.text") == ANSWER
    assert kernel.value("second.text") == "**Hello** from `the` script."
    assert kernel.value("first.message_id < second.message_id")


def test_a_new_chat_begins_when_it_is_asked_for(kernel: Kernel) -> None:
    """By an option, and by a command of its own."""
    kernel.run("%%chat -o one\nhello")
    kernel.run("%%chat --new -o two\nhello")
    assert "new chat" in kernel.run("%chat new").stdout
    kernel.run("three = %chat hello?")
    kernel.run("three.wait(); two.wait(); one.wait();")

    assert len(set(kernel.value("[r.chat_id for r in (one, two, three)]"))) == 3
    assert kernel.value("three.prompt") == "hello?"


def test_what_a_model_says_is_never_obeyed(kernel: Kernel) -> None:
    """In no type of the output."""
    cell = kernel.run("%%chat\nplay #hostile")
    kernel.run("_chat.wait()")
    frozen = _updates(kernel.messages, cell.display_id())[-1]

    assert "<script" not in frozen["text/html"] + frozen["text/markdown"]
    assert "\x1b" not in "".join(frozen.values())
    assert 'href="javascript' not in frozen["text/html"]
