"""The HTTP client that an SDK is given: our limits, no retries, no surprises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from coderchat_jupyter.server.providers._exchanges import (
    note_request,
    note_response,
)
from coderchat_jupyter.wire.hosts import is_loopback

if TYPE_CHECKING:
    import httpx2

__all__ = ["new_http_client"]

_CONNECT_SECONDS: Final = 30.0

_SILENCE_SECONDS: Final = 600.0
"""The real server gives up on a silent vendor after ten minutes."""


def new_http_client(base_url: str, *, is_anonymous: bool) -> httpx2.AsyncClient:
    """Make a client for one provider; the caller closes it.

    `is_anonymous`: there is no key. The SDKs insist on one, so what they make of
    the placeholder is taken off again.
    """
    import httpx2

    async def without_key(request: httpx2.Request) -> None:
        for name in ("Authorization", "X-Api-Key"):
            request.headers.pop(name, None)

    return httpx2.AsyncClient(
        event_hooks={
            "request": [*([without_key] if is_anonymous else []), note_request],
            "response": [note_response],
        },
        timeout=httpx2.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS),
        # A proxy of the machine must not be asked for the machine itself.
        trust_env=not is_loopback(base_url),
    )
