"""Where answers are shown: a live widget that becomes static, or a terminal."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from coderchat_jupyter.bridge.render import Footer, refusal, turn_bundle

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from coderchat_jupyter.session import ChatSession

__all__ = ["Display", "NotebookDisplay", "TerminalDisplay"]


class Display(Protocol):
    """Where one answer is shown. Called on the background thread."""

    def notice(self, text: str) -> None:
        """Say what is going on before there is anything to show."""

    def attach(self, session: ChatSession, turn: int) -> None:
        """Show the turn from now on."""

    def freeze(self, bundle: Mapping[str, str]) -> None:
        """The answer has ended: show this, for good."""

    def fail(self, text: str) -> None:
        """There is no answer and there will be none, because of this."""


class NotebookDisplay:
    """The output of one cell: a widget while the answer is written, then its twins.

    Saved widgets need a kernel to be seen and static outputs do not, so the output is
    replaced once, at the end, under the display id that it was made with.
    """

    def __init__(self, shell: InteractiveShell, prompt: str) -> None:
        """Show the prompt at once. To be called in the cell that asked."""
        from coderchat_jupyter.widgets.chat import ChatWidget

        self._shell = shell
        self._prompt = prompt
        self._display_id = uuid.uuid4().hex
        self._on_stop: Callable[[], None] = _nothing
        self._cell = _cell_of(shell)
        self._frozen: dict[str, object] = {}
        self._followed: tuple[ChatSession, int] | None = None
        self._is_seen = False
        self._widget = ChatWidget(prompt=prompt, on_stop=self._stop)
        self._widget.on_msg(self._on_page)
        self._publish(self._widget.mimebundle(), update=False)

    def bind(self, stop: Callable[[], None]) -> None:
        """Say what the Stop button does."""
        self._on_stop = stop

    def notice(self, text: str) -> None:
        """Put it into the widget's status line."""
        self._widget.notice(text)

    def attach(self, session: ChatSession, turn: int) -> None:
        """Let the widget follow the turn."""
        self._followed = (session, turn)
        self._widget.attach(session, turn=turn)

    def freeze(self, bundle: Mapping[str, str]) -> None:
        """Put static outputs in the widget's place."""
        self._frozen = dict(bundle)
        self._publish(self._frozen, update=True)
        self._widget.close()

    def fail(self, text: str) -> None:
        """Put the prompt and the reason in the widget's place."""
        self.freeze(refusal(self._prompt, text))

    def freeze_unfinished(self) -> None:
        """The kernel ends: put what there is of the answer in the widget's place."""
        if self._followed is not None and not self._frozen:
            session, turn = self._followed
            self.freeze(turn_bundle(session.state, turn, Footer()))

    def show_here(self) -> bool:
        """Publish the end, if it has come, in the name of the cell that runs now.

        Programs that execute notebooks listen to the running cell alone, and would
        save what the asking cell showed when it was done: the widget. Pages listen
        to everything; where there is one, nothing is said twice.
        """
        is_own = _cell_of(self._shell) == self._cell
        if self._frozen and not is_own and not self._is_seen:
            self._publish(self._frozen, update=True)
        return bool(self._frozen)

    def _on_page(self, *_: object) -> None:
        self._is_seen = True

    def _stop(self) -> None:
        self._on_stop()

    def _publish(self, data: dict[str, object], *, update: bool) -> None:
        self._shell.display_pub.publish(
            data,
            metadata={},
            transient={"display_id": self._display_id},
            update=update,
        )


class TerminalDisplay:
    """Keeps what the blocked main thread prints when the answer has ended."""

    def __init__(self) -> None:
        self.footer = ""

    def notice(self, text: str) -> None:
        """Nothing: the main thread reads it from the reply."""

    def attach(self, session: ChatSession, turn: int) -> None:
        """Nothing: the main thread reads the text from the reply."""

    def freeze(self, bundle: Mapping[str, str]) -> None:
        """Keep the last paragraph, which is the small print."""
        self.footer = bundle["text/plain"].rpartition("\n\n")[2]

    def fail(self, text: str) -> None:
        """Nothing: the reply knows the reason."""


def _cell_of(shell: InteractiveShell) -> str:
    """Which request the kernel is working on."""
    parent = shell.kernel.get_parent("shell") or {}  # type: ignore[attr-defined]
    return str(parent.get("header", {}).get("msg_id", ""))


def _nothing() -> None:
    return None
