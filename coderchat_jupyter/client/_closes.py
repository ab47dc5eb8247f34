"""What the end of a connection means: a proper one, or in words why it ended."""

from __future__ import annotations

from typing import Final

from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed

from coderchat_jupyter.client._told import clean
from coderchat_jupyter.errors import CloseReason, StreamClosedError

__all__ = ["broken", "ending"]

_PROPER: Final = frozenset({1000, 1001})

_TOLD: Final = {
    1002: CloseReason.PROTOCOL,
    1003: CloseReason.UNREADABLE,
    1007: CloseReason.UNREADABLE,
    1008: CloseReason.REFUSED,
    1009: CloseReason.TOO_BIG,
    1011: CloseReason.SERVER_ERROR,
    1012: CloseReason.TRY_LATER,
    1013: CloseReason.TRY_LATER,
    1014: CloseReason.TRY_LATER,
}

# A code that this side sent: the library's reader met what it did not expect.
_OURS: Final = {**_TOLD, 1011: CloseReason.PROTOCOL}

_UNANSWERED: Final = "keepalive"
"""How the library's reason begins for a ping that was not answered."""

_WORDS: Final = {
    CloseReason.DROPPED: "broke off",
    CloseReason.SILENT: "was silent for too long",
    CloseReason.PROTOCOL: "broke the rules of WebSockets",
    CloseReason.UNREADABLE: "was ended: a frame could not be read",
    CloseReason.REFUSED: "was ended by the server, which does not allow it",
    CloseReason.TOO_BIG: "was ended: a frame was too big",
    CloseReason.SERVER_ERROR: "was ended by a fault of the server",
    CloseReason.TRY_LATER: "was ended by the server for now",
}


def ending(
    closed: ConnectionClosed, address: str, *, hide: SecretStr | None
) -> StreamClosedError | None:
    """What the end of a connection means; None for a proper one.

    Args:
        closed: How the library tells it.
        address: The server.
        hide: Cut out of what the server says.
    """
    told, sent = closed.rcvd, closed.sent
    if told is not None and (sent is None or closed.rcvd_then_sent):
        if told.code in _PROPER:
            return None
        reason = _TOLD.get(told.code, CloseReason.OTHER)
        detail = clean(told.reason, 200, hide=hide)
        return broken(reason, address, code=told.code, detail=detail)
    if sent is not None:
        reason = _OURS.get(sent.code, CloseReason.DROPPED)
        if sent.reason.startswith(_UNANSWERED):
            reason = CloseReason.SILENT
        return broken(reason, address, code=sent.code)
    return broken(CloseReason.DROPPED, address)


def broken(
    reason: CloseReason, address: str, *, code: int | None = None, detail: str = ""
) -> StreamClosedError:
    """A connection that ended in any other way.

    Args:
        reason: Why.
        address: The server.
        code: The number that either side gave.
        detail: What the server said.
    """
    what = _WORDS.get(reason, "was ended by the server")
    number = f" (code {code})" if code is not None else ""
    return StreamClosedError(
        f"The stream from {address} {what}{number}.",
        reason=reason,
        code=code,
        detail=detail,
    )
