"""What all widgets share: one hub per kernel, views down, intents up.

Down: a page that opens asks for a snapshot, then follows numbered patches. Up:
intents, each of which is answered. The page never writes to a trait. Everything is
sent from the background loop, so messages leave in the order of their numbers.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import Any, Final, Generic, TypeVar

import anywidget
import traitlets
from pydantic import ValidationError

from coderchat_jupyter.bridge._base import BridgeModel
from coderchat_jupyter.bridge.diff import fields_diff
from coderchat_jupyter.bridge.messages import (
    FieldsChanged,
    IntentMessage,
    PatchMessage,
    Reply,
    Snapshot,
)
from coderchat_jupyter.errors import CoderChatError
from coderchat_jupyter.session import background
from coderchat_jupyter.widgets import _static
from coderchat_jupyter.widgets._pace import KernelPace, Pace

__all__ = ["BridgeWidget", "hub"]

V = TypeVar("V", bound=BridgeModel)

_KERNEL_PACE: Final = KernelPace()


class Hub(anywidget.AnyWidget):
    """Carries the page's code for all widgets of this kernel; never displayed."""

    _esm = _static.HUB if _static.HUB.exists() else ""


class _Hubs:
    lock: Final = threading.Lock()
    one: Hub | None = None


def hub() -> Hub:
    """The hub of this kernel; a closed one is replaced."""
    _static.read(_static.HUB)
    with _Hubs.lock:
        if _Hubs.one is None or _Hubs.one.comm is None:
            _Hubs.one = Hub()
        return _Hubs.one


def _snapshot(_: object, widget: BridgeWidget[Any]) -> dict[str, Any]:
    return widget.snapshot().dump()


class BridgeWidget(anywidget.AnyWidget, Generic[V]):
    """A view of a kernel's value on any number of pages.

    Subclasses name their `kind`, publish views, and handle intents. Views may be
    published from any thread, also when no page is there, and after `close`.
    """

    # As text: anywidget keeps every widget that was made of a path for good.
    _esm = _static.CHILD.read_text("utf-8") if _static.CHILD.exists() else ""
    _kind = traitlets.Unicode().tag(sync=True)
    _hub = traitlets.Unicode().tag(sync=True)

    # Holds nothing: serialised on demand, so a page that opens late, or is
    # reloaded, starts from the present and not from the first snapshot.
    view = traitlets.Any(read_only=True).tag(sync=True, to_json=_snapshot)

    kind = ""

    def __init__(self, view: V) -> None:
        self._shown: tuple[int, V] = (0, view)
        self._latest = view
        self._lock = threading.Lock()
        self._is_due = False
        self._is_urgent = False
        self._is_closed = False
        self._has_page = False
        self._pace = Pace(_KERNEL_PACE)
        self._loop = background().loop
        super().__init__(_kind=self.kind, _hub=f"anywidget:{hub().model_id}")
        self.on_msg(_Receiver(self))

    def present(self) -> V:
        """The view as it is now. Called on the background loop, before sending."""
        return self._latest

    def patches(self, before: V, after: V) -> tuple[BridgeModel, ...]:
        """What makes `after` of `before`, for the page."""
        changes = fields_diff(before, after, skip=frozenset())
        return (FieldsChanged(changes=changes),) if changes else ()

    async def handle(self, intent: dict[str, Any]) -> dict[str, Any] | None:
        """Do what a user wants. Runs on the background loop.

        Returns:
            What the page gets as the result.

        Raises:
            CoderChatError, ValueError: It could not be done; the text is shown.
        """
        raise NotImplementedError

    def publish(self, view: V, *, is_urgent: bool = False) -> None:
        """Show `view` from now on. Pages hear of it when the pace allows."""
        self._latest = view
        self.changed(is_urgent=is_urgent)

    def changed(self, *, is_urgent: bool = False) -> None:
        """Have `present` read again, and what changed sent, when the pace allows."""
        with self._lock:
            self._is_urgent |= is_urgent
            if self._is_closed or (self._is_due and not is_urgent):
                return
            self._is_due = True
        self._on_loop(self._flush)

    def snapshot(self) -> Snapshot:
        """What pages were told so far, as a whole."""
        rev, view = self._shown
        return Snapshot(rev=rev, view=view.dump())

    def save(self) -> None:
        """Bring the trait on the pages up to date, for hosts that save it."""
        self._on_loop(lambda: None if self._is_closed else self.send_state("view"))

    def close(self) -> None:
        """Stop sending, and end the widget on every page. May be called twice."""
        with self._lock:
            self._is_closed = True
        self._is_due = False
        if self.layout is not None:
            self.layout.close()
        super().close()

    def _on_loop(self, work: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(work)
        except RuntimeError:  # the kernel is going down, its loop is gone
            self._is_closed = True

    def _flush(self) -> None:
        with self._lock:
            if self._is_closed or not self._is_due:
                return
            now = self._loop.time()
            wait = self._pace.wait(now, is_urgent=self._is_urgent)
            if wait > 0:
                self._loop.call_later(wait, self._flush)
                return
            self._is_due = self._is_urgent = False
        rev, before = self._shown
        after = self.present()
        patches = self.patches(before, after)
        if not patches:
            return
        self._pace.take(now)
        self._shown = (rev + 1, after)
        dumped = tuple(patch.dump() for patch in patches)
        self.send(PatchMessage(rev=rev + 1, patches=dumped).dump())

    def _send_snapshot(self, known: object) -> None:
        """Answer a page that may have missed something; not if it has it all."""
        if not self._is_closed and known != self._shown[0]:
            self.send(self.snapshot().dump())

    async def _answer(self, message: IntentMessage) -> None:
        """Handle an intent and reply, whatever becomes of it."""
        error: str | None = None
        result: dict[str, Any] | None = None
        try:
            result = await self.handle(message.intent)
        except ValidationError:
            # Its text would quote what was sent, which may be a key.
            error = "The page sent something that this kernel does not understand."
        except (CoderChatError, ValueError) as refused:
            error = str(refused) or type(refused).__name__
        except asyncio.CancelledError:
            error = "The kernel gave up on it."
            raise
        # Whatever broke, a page must never wait in vain.
        except Exception as broken:  # noqa: BLE001
            error = f"Something went wrong in the kernel ({type(broken).__name__})."
        finally:
            if not self._is_closed:
                self.send(Reply(id=message.id, error=error, result=result).dump())


class _Receiver:
    """Takes what pages send, on whichever thread the kernel reads it.

    Knows its widget weakly: a widget's handlers must not keep it alive.
    """

    def __init__(self, widget: BridgeWidget[Any]) -> None:
        self._widget = weakref.ref(widget)

    def __call__(self, _: object, content: Any, __: list[bytes]) -> None:
        widget = self._widget()
        if widget is None or not isinstance(content, dict):
            return
        widget._has_page = True
        match content.get("kind"):
            case "snapshot":
                known = content.get("rev")
                widget._on_loop(lambda: widget._send_snapshot(known))
            case "page":
                code = _static.read(_static.PAGE)
                widget.send({"kind": "page", "code": code})
            case "intent":
                try:
                    message = IntentMessage.model_validate(content)
                except ValidationError:
                    return  # without an id there is nobody to answer
                background().submit(widget._answer(message))
