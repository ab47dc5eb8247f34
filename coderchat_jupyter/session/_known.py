"""The sessions of this process: open ones, and which chats there were."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.ids import ChatId

if TYPE_CHECKING:
    from coderchat_jupyter.session._session import ChatSession

__all__ = [
    "Unsubscribe",
    "forget_session",
    "known_chat_ids",
    "known_sessions",
    "note_session",
    "on_session",
]

Unsubscribe: TypeAlias = Callable[[], None]

_log: Final = logging.getLogger(__name__)
_lock: Final = threading.Lock()
_open: Final[weakref.WeakSet[ChatSession]] = weakref.WeakSet()
_chats: Final[dict[str, dict[ChatId, None]]] = {}
_callbacks: Final[list[Callable[[ChatSession], None]]] = []


def known_sessions() -> tuple[ChatSession, ...]:
    """Sessions that are open. Any thread."""
    with _lock:
        return tuple(_open)


def known_chat_ids(client: Client) -> tuple[ChatId, ...]:
    """Every chat that was opened or made at this client's address, oldest first."""
    with _lock:
        return tuple(_chats.get(client.url, ()))


def on_session(callback: Callable[[ChatSession], None]) -> Unsubscribe:
    """Call `callback` on the background thread for each new session. Any thread."""

    def unsubscribe() -> None:
        with _lock:
            if callback in _callbacks:
                _callbacks.remove(callback)

    with _lock:
        _callbacks.append(callback)
    return unsubscribe


def note_session(session: ChatSession) -> None:
    """A session is open."""
    with _lock:
        _open.add(session)
        _chats.setdefault(session.client.url, {})[session.chat_id] = None
        callbacks = tuple(_callbacks)
    for callback in callbacks:
        try:
            callback(session)
        except Exception as error:  # noqa: BLE001  one bad listener must not stop all
            _log.warning("A listener for sessions raised %s", type(error).__name__)


def forget_session(session: ChatSession) -> None:
    """A session was closed. Its chat stays known."""
    with _lock:
        _open.discard(session)
