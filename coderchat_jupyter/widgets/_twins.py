"""What a cell shows of a chat where nothing can run, and which cells show it."""

from __future__ import annotations

import html
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Final

from coderchat_jupyter.bridge.project import Scene
from coderchat_jupyter.bridge.render import (
    Footer,
    transcript_html,
    transcript_markdown,
    transcript_plain,
    turn_html,
    turn_markdown,
    turn_plain,
)
from coderchat_jupyter.bridge.view import ChatView

__all__ = ["AfterCell", "Cells", "await_first_look", "bundle"]

_FIRST_LOOK: Final = 2.0
"""Seconds that a cell may wait for the first content of a widget, so that what is
saved of it says something. Longer, and it would hang on a slow server."""


def await_first_look(loading: Future[None]) -> None:
    """Wait a moment for what a widget loads; whatever became of it, go on."""
    with suppress(Exception):
        loading.result(_FIRST_LOOK)


def bundle(view: ChatView, scene: Scene) -> dict[str, str]:
    """The static twins of what is shown, by media type."""
    state = scene.state
    if not state.messages or (scene.mode == "turn" and scene.turn is None):
        text = scene.failure or scene.prompt or "A chat without messages"
        return {
            "text/plain": text,
            "text/html": f'<div class="cc-frozen">{html.escape(text)}</div>',
        }
    footer = _footer(view)
    if scene.turn is not None:
        return {
            "text/plain": turn_plain(state, scene.turn, footer),
            "text/markdown": turn_markdown(state, scene.turn, footer),
            "text/html": turn_html(state, scene.turn, footer),
        }
    return {
        "text/plain": transcript_plain(state, footer),
        "text/markdown": transcript_markdown(state, footer),
        "text/html": transcript_html(state, footer),
    }


def _footer(view: ChatView) -> Footer | None:
    row = view.rows[-1] if view.rows else None
    if row is None or row.footer is None:
        return None
    return Footer(
        model=row.footer.model,
        cost_micros=row.footer.cost_micros,
        is_stopped=row.is_stopped,
    )


class Cells:
    """The cells that show a widget, so that they can be given something else."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._display_ids: list[str] = []

    def show(self, data: dict[str, Any]) -> None:
        """Show `data` in the cell that runs now."""
        from IPython.display import display  # heavy, and not always there

        display_id = uuid.uuid4().hex
        with self._lock:
            self._display_ids.append(display_id)
        display(data, raw=True, display_id=display_id)

    def freeze(self, data: dict[str, Any]) -> None:
        """Show `data` in place of the widget wherever it was shown, for good."""
        with self._lock:
            display_ids, self._display_ids = self._display_ids, []
        _update(data, display_ids)

    def update(self, data: dict[str, Any]) -> None:
        """Show `data` wherever the widget was shown; pages draw it anew."""
        with self._lock:
            display_ids = list(self._display_ids)
        _update(data, display_ids)


class AfterCell:
    """Calls something after each cell of IPython, until it is told to forget."""

    def __init__(self) -> None:
        self._forget: Callable[[], None] | None = None

    def listen(self, then: Callable[[], None]) -> None:
        """Call `then` from now on; nothing where there is no IPython."""
        from IPython import get_ipython

        shell = get_ipython()
        if shell is None or self._forget is not None:
            return

        def call(*_: object) -> None:
            then()

        shell.events.register("post_run_cell", call)
        self._forget = partial(shell.events.unregister, "post_run_cell", call)

    def forget(self) -> None:
        """Call nothing any more. May be called twice."""
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()


def _update(data: dict[str, Any], display_ids: list[str]) -> None:
    from IPython.display import update_display

    for display_id in display_ids:
        update_display(data, raw=True, display_id=display_id)
