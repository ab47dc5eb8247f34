"""A plain IPython terminal: the answer is printed while it comes."""

from __future__ import annotations

import _thread
import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell

from coderchat_jupyter import Reply
from coderchat_jupyter.errors import AnswerError

Capture = pytest.CaptureFixture[str]


def _chat(shell: InteractiveShell) -> Reply:
    reply = shell.user_ns["_chat"]
    assert isinstance(reply, Reply)
    return reply


def test_the_answer_is_printed_with_its_small_print(
    terminal: InteractiveShell, capsys: Capture
) -> None:
    """Model, tokens, cost and chat, on a line of its own."""
    result = terminal.run_cell("%%chat\nhello")

    shown = capsys.readouterr().out
    assert result.success
    assert "**Hello** from `the` script.\n\n[Scripted, 1,200 tokens in" in shown
    assert f"unpriced, {_chat(terminal).chat_id}" not in shown
    assert f"chat {_chat(terminal).chat_id}]" in shown


def test_the_reply_is_not_printed_as_well(
    terminal: InteractiveShell, capsys: Capture
) -> None:
    """What was just read is not repeated."""
    terminal.run_cell("%chat hello?")

    assert "Reply" not in capsys.readouterr().out
    assert terminal.run_cell("answer = %chat hello?").success
    assert terminal.user_ns["answer"] is _chat(terminal)
    assert _chat(terminal).prompt == "hello?"


def test_a_terminal_is_given_no_orders(
    terminal: InteractiveShell, capsys: Capture
) -> None:
    """A model can be made to write escape sequences."""
    terminal.run_cell("%chat play #hostile")

    shown = capsys.readouterr().out
    assert "alert(1)" in shown
    assert "\x1b" not in shown


def test_an_interrupt_stops_the_answer_and_keeps_its_text(
    terminal: InteractiveShell, capsys: Capture
) -> None:
    """Ctrl-C in a terminal means: enough."""
    seen = threading.Event()

    def press_ctrl_c() -> None:
        while not terminal.user_ns.get("_chat") or "word5 " not in _chat(terminal).text:
            seen.wait(0.05)
        _thread.interrupt_main()

    fingers = threading.Thread(target=press_ctrl_c)
    fingers.start()
    result = terminal.run_cell("%chat play #endless")
    fingers.join()

    shown = capsys.readouterr().out
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert "word0 word1 word2" in shown
    assert "[stopped, " in shown
    assert "Traceback" not in shown
    assert _chat(terminal).status == "stopped"


def test_a_failure_is_a_sentence(terminal: InteractiveShell, capsys: Capture) -> None:
    """And the reply tells it as an error, to those who ask."""
    terminal.run_cell("%chat play #refused")

    shown = capsys.readouterr().out
    assert "Error: " in shown
    assert "Traceback" not in shown
    with pytest.raises(AnswerError):
        _chat(terminal).raise_for_error()


def test_the_status_says_which_chat_this_is(
    terminal: InteractiveShell, capsys: Capture
) -> None:
    """Before there is one, too."""
    terminal.run_cell("%chat")
    assert "no chat yet" in capsys.readouterr().out

    terminal.run_cell("%chat hello")
    capsys.readouterr()
    terminal.run_cell("%chat")

    shown = capsys.readouterr().out
    assert f"Chat {_chat(terminal).chat_id}" in shown
    assert "Status waiting" in shown


def test_a_reply_is_light_and_safe_to_show(terminal: InteractiveShell) -> None:
    """It ends up in tracebacks and variable inspectors."""
    terminal.run_cell("%chat play #hostile")
    reply = _chat(terminal)

    assert repr(reply).startswith("<Reply done '<script>alert(1)")
    assert "\x1b" not in repr(reply)
    assert len(repr(reply)) < 100
    markdown = reply._repr_markdown_()
    assert markdown is not None
    assert "<script" not in markdown


async def test_a_reply_can_be_awaited_on_any_loop(terminal: InteractiveShell) -> None:
    """Not only on the one that it was made on."""
    terminal.run_cell("%chat hello")
    reply = _chat(terminal)

    assert await reply is reply
    assert reply.wait(timeout=0) is reply
    assert reply.usage is not None
    assert reply.usage.output_tokens == 2000
    assert reply.cost_micros is None
    assert reply.model == "Scripted"
