"""Ending an answer: by magic, by button, by interrupt, and before it began."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernels._kernel import Kernel, Run
from tests.kernels._page import Page


def _frozen(kernel: Kernel, cell: Run) -> dict[str, Any]:
    """The static output of a cell, once it has come."""
    display_id = cell.display_id()
    found: list[dict[str, Any]] = []

    def has_come() -> bool:
        found[:] = [
            m["content"]["data"]
            for m in kernel.messages
            if m["msg_type"] == "update_display_data"
            and m["content"]["transient"]["display_id"] == display_id
        ]
        return bool(found)

    kernel.until(has_come)
    return found[-1]


def _until_word(kernel: Kernel, word: str) -> Page:
    kernel.until(lambda: word in Page().read(kernel.messages).text)
    return Page().read(kernel.messages)


def test_the_magic_stops_the_answer_and_keeps_what_was_said(kernel: Kernel) -> None:
    """It was paid for, and half of it is often enough."""
    cell = kernel.run("%%chat\nplay #endless")
    _until_word(kernel, "word9 ")

    assert "Stopped" in kernel.run("%chat stop").stdout

    frozen = _frozen(kernel, cell)
    assert "word0 word1 word2" in frozen["text/plain"]
    assert "[stopped, " in frozen["text/plain"]
    assert kernel.value("_chat.wait().status") == "stopped"
    assert kernel.value("_chat.text").startswith("word0 word1 ")


def test_the_button_stops_the_answer(kernel: Kernel) -> None:
    """The kernel is free while the answer grows, so the button is heard."""
    cell = kernel.run("%%chat\nplay #endless")
    page = _until_word(kernel, "word9 ")

    intent = {"kind": "intent", "id": "p-1", "intent": {"op": "stop"}}
    kernel.send_comm(page.comm_id, intent)

    assert "[stopped, " in _frozen(kernel, cell)["text/plain"]


def test_a_silent_answer_can_be_stopped(kernel: Kernel) -> None:
    """A model that says nothing is the one that one wants to stop."""
    cell = kernel.run("%%chat\nplay #silent")
    kernel.until(lambda: kernel.value("_chat.status") == "running")

    kernel.run("_chat.stop()")

    _frozen(kernel, cell)
    assert kernel.value("[_chat.wait().status, _chat.text]") == ["stopped", ""]


def test_a_prompt_that_waits_can_be_withdrawn(kernel: Kernel) -> None:
    """And the answer before it goes on."""
    kernel.run("%%chat -o first\nplay #endless")
    cell = kernel.run("%%chat -o second\nhello")
    kernel.until(lambda: kernel.value("second.status") == "queued")

    kernel.run("second.stop()")

    assert "Stopped" in _frozen(kernel, cell)["text/plain"]
    assert kernel.value("[first.status, second.wait().status]") == [
        "running",
        "stopped",
    ]
    kernel.run("first.stop()")
    assert kernel.value("first.wait().status") == "stopped"


def test_stopping_lets_the_next_prompt_have_its_turn(kernel: Kernel) -> None:
    """One stop ends one answer."""
    kernel.run("%%chat -o first\nplay #endless")
    kernel.run("%%chat -o second\nhello")
    kernel.until(lambda: kernel.value("second.status") == "queued")

    kernel.run("%chat stop")

    assert kernel.value("[r.wait().status for r in (first, second)]") == [
        "stopped",
        "done",
    ]


def test_there_may_be_nothing_to_stop(kernel: Kernel) -> None:
    """Which is no error."""
    run = kernel.run("%chat stop")

    assert run.status == "ok"
    assert "Nothing is being answered" in run.stdout


@pytest.mark.parametrize(
    "cell",
    [
        "%%chat --wait\nplay #endless",
        "%chat --wait play #endless",
        "%chat play #endless\n_chat.wait()",
        "%chat play #endless\nawait _chat",
    ],
)
def test_interrupting_a_cell_that_waits_stops_the_answer(
    kernel: Kernel, cell: str
) -> None:
    """Otherwise it would go on where nobody sees it, and cost money."""
    message_id = kernel.start(cell)
    _until_word(kernel, "word9 ")

    kernel.interrupt()
    run = kernel.finish(message_id)

    assert run.status == "error"
    frozen = _frozen(kernel, run)
    assert "word0 word1 word2" in frozen["text/plain"]
    assert kernel.value("_chat.status") == "stopped"
    if "--wait" in cell:
        (error,) = (m["content"] for m in run.messages if m["msg_type"] == "error")
        assert error["traceback"] == ["Stopped."]


def test_a_cell_that_waits_is_done_with_its_answer(kernel: Kernel) -> None:
    """And shows no second output."""
    run = kernel.run("%%chat --wait\nhello")

    assert run.status == "ok"
    assert run.kinds.count("update_display_data") == 1
    assert "execute_result" not in run.kinds
    assert kernel.value("_chat.status") == "done"
