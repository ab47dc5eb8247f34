"""Prints an answer into a terminal while it is written; the prompt comes back after."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from coderchat_jupyter.bridge._clean import strip_controls
from coderchat_jupyter.magics._display import TerminalDisplay
from coderchat_jupyter.magics._reply import Reply

__all__ = ["print_answer"]

_TICK: Final = 0.05

_PARTIAL: Final = 24
"""Characters held back while more may come: an escape sequence may be cut anywhere."""


def print_answer(
    reply: Reply, display: TerminalDisplay, write: Callable[[str], object]
) -> None:
    """Write text as it comes, and the small print at the end.

    Raises:
        KeyboardInterrupt: A user had enough; the answer was stopped, its text stays.
    """
    shown, notice = "", ""
    try:
        while not reply.is_done:
            if reply._facts.notice not in ("", notice):
                notice = reply._facts.notice
                write(f"{strip_controls(notice)}\n")
            text = strip_controls(reply.text)
            safe = text if "\x1b" not in reply.text[-_PARTIAL:] else text[:-_PARTIAL]
            shown = _grow(shown, safe, write)
            time.sleep(_TICK)
    except KeyboardInterrupt:
        reply.stop()
        raise
    finally:
        # Also after an interrupt: what came meanwhile is shown, and how it ended.
        reply._settle()
        text = strip_controls(reply.text)
        _grow(shown, text, write)
        error = f"Error: {strip_controls(str(reply.error))}" if reply.error else ""
        last = "\n".join(line for line in (error, display.footer) if line)
        write(f"\n\n{last}\n" if text else f"{last}\n")


def _grow(shown: str, text: str, write: Callable[[str], object]) -> str:
    if len(text) <= len(shown) and shown.startswith(text):
        return shown
    if text.startswith(shown):
        write(text[len(shown) :])
    else:  # the model call was made again
        write(f"\n\n[again from the start]\n\n{text}")
    return text
