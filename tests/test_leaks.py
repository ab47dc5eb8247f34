"""The check of what tests leave behind, held against things really left."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import _leaks
from tests._leaks import held, released


def _thread() -> Callable[[], None]:
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="forgotten")
    thread.start()

    def close() -> None:
        end.set()
        thread.join()

    return close


def _child() -> Callable[[], None]:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    def close() -> None:
        child.communicate(b"\n")

    return close


def _socket() -> Callable[[], None]:
    listening = socket.create_server(("127.0.0.1", 0))
    return listening.close


@pytest.mark.parametrize(
    ("start", "words"),
    [(_thread, "thread 'forgotten'"), (_child, "process "), (_socket, "socket ")],
)
def test_what_is_left_is_named_and_what_is_closed_is_not(
    start: Callable[[], Callable[[], None]],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check that sees no leak would pass for ever."""
    monkeypatch.setattr(_leaks, "GRACE", 0.0)
    before = held()

    close = start()
    left = released(before)
    close()

    assert [one.startswith(words) for one in left] == [True]
    assert held().since(before) == []


def test_a_task_left_running_fails_its_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop would cancel it without a word."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    pytester.makeconftest("pytest_plugins = ['tests.conftest']")
    pytester.makepyfile(
        """
        import asyncio

        kept = []

        async def test_it():
            kept.append(asyncio.create_task(asyncio.Event().wait()))
        """
    )

    result = pytester.runpytest_subprocess(
        "-o", "asyncio_mode=auto", "-p", "no:cacheprovider"
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*tasks left behind*"])
