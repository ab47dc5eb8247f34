"""The state of one chat as it is now: changed in steps, and told to whoever listens."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

from coderchat_jupyter.errors import ConnectionLostError
from coderchat_jupyter.state.chat_state import ChatState, Link
from coderchat_jupyter.state.steps import Step, apply
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Listener", "Store"]

_log: Final = logging.getLogger(__name__)


class Listener(Protocol):
    """Is told of every step, in order, on the background loop; must not raise."""

    def on_step(self, step: Step) -> None:
        """A step was taken."""
        ...

    def on_link(self, link: Link) -> None:
        """The connection does otherwise than before."""
        ...


class Store:
    """Holds the state and the link of a chat.

    `state` and `link` may be read, and `subscribe` called, from any thread;
    everything else belongs to the background loop.
    """

    def __init__(self, chat_id: ChatId, state: ChatState) -> None:
        self.chat_id = chat_id
        self.state = state
        self.link = Link()
        self._listeners: tuple[Listener, ...] = ()
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._changed = asyncio.Event()

    def subscribe(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call `on_change` on the background thread after each change."""
        with self._lock:
            self._count += 1
            key = self._count
            self._callbacks = {**self._callbacks, key: on_change}

        def unsubscribe() -> None:
            with self._lock:
                rest = {k: call for k, call in self._callbacks.items() if k != key}
                self._callbacks = rest

        return unsubscribe

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell every step to a listener, until the returned function is called."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(x for x in self._listeners if x is not listener)

        return stop

    async def until(self, predicate: Callable[[ChatState], bool]) -> ChatState:
        """Wait for a state.

        Raises:
            ConnectionLostError: The link is closed or has failed for good.
        """
        while not predicate(self.state):
            if self.link.phase in ("closed", "failed"):
                raise ConnectionLostError(self.link.error or "The chat was closed.")
            changed = self._changed
            await changed.wait()
        return self.state

    def take(self, *steps: Step, quietly: bool = False) -> bool:
        """Take some steps at once, and tell everybody if they changed anything.

        Args:
            steps: What happened, in order.
            quietly: Leave it to the caller to tell.

        Returns:
            Whether the state is another one now.
        """
        before = self.state
        for step in steps:
            self.state = apply(self.state, step)
            for listener in self._listeners:
                listener.on_step(step)
        is_changed = self.state is not before
        if is_changed and not quietly:
            self._notify()
        return is_changed

    def _set_link(self, link: Link) -> None:
        self.link = link
        for listener in self._listeners:
            listener.on_link(link)
        self._notify()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        for on_change in self._callbacks.values():
            try:
                on_change()
            except Exception as error:  # noqa: BLE001  one bad view must not stop all
                kind = type(error).__name__
                _log.warning("A subscriber of chat %s raised %s", self.chat_id, kind)
