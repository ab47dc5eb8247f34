"""A server or a kernel that goes away in the middle of an answer."""

from __future__ import annotations

from pathlib import Path

from tests.kernels._kernel import Kernel, Run
from tests.kernels._page import Page
from tests.kernels._server import run_server
from tests.kernels.conftest import Start


def test_an_answer_of_a_server_that_is_gone_can_be_let_go(
    start_kernel: Start, tmp_path: Path
) -> None:
    """What came of it stays, and the cell does not wait for ever."""
    with run_server(tmp_path) as server:
        kernel = start_kernel(**server.environment)
        kernel.run("%load_ext coderchat_jupyter")
        cell = kernel.run("%%chat\nplay #endless")
        kernel.until(lambda: "word9 " in Page().read(kernel.messages).text)
        server.kill()

    kernel.until(lambda: "reconnecting" in kernel.run("%chat").stdout)
    kernel.run("_chat.stop()")
    kernel.run("_chat.wait();")

    assert kernel.value("_chat.status") == "stopped"
    assert "word9 " in kernel.value("_chat.text")
    assert "word8 word9" in _frozen(kernel, cell)[-1]


def test_a_kernel_that_ends_leaves_what_there_is_of_the_answer(
    kernel: Kernel,
) -> None:
    """A live view without its kernel is an error message in a saved notebook."""
    cell = kernel.run("%%chat\nplay #endless")
    kernel.until(lambda: "word9 " in Page().read(kernel.messages).text)

    kernel.ask_to_end()

    kernel.until(lambda: bool(_frozen(kernel, cell)))
    assert "word8 word9" in _frozen(kernel, cell)[-1]


def _frozen(kernel: Kernel, cell: Run) -> list[str]:
    return [
        m["content"]["data"]["text/plain"]
        for m in kernel.messages
        if m["msg_type"] == "update_display_data"
        and m["content"]["transient"]["display_id"] == cell.display_id()
    ]
