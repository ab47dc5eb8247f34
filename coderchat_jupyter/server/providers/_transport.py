"""The HTTP client that an SDK is given: our limits, no retries, no surprises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from coderchat_jupyter.server.providers._bounded import bound
from coderchat_jupyter.server.providers._callers import name_caller
from coderchat_jupyter.server.providers._exchanges import (
    note_request,
    note_response,
)
from coderchat_jupyter.wire.hosts import is_loopback

if TYPE_CHECKING:
    import httpx2

__all__ = ["closing_answers", "new_http_client"]

_CONNECT_SECONDS: Final = 30.0

_SILENCE_SECONDS: Final = 600.0
"""The real server gives up on a silent vendor after ten minutes."""


_KEY_HEADERS: Final = ("Authorization", "X-Api-Key", "Api-Key", "X-Goog-Api-Key")

_ANSWERS: Final[ContextVar[list[httpx2.Response] | None]] = ContextVar(
    "_ANSWERS", default=None
)


@asynccontextmanager
async def closing_answers() -> AsyncIterator[Sequence[httpx2.Response]]:
    """Close every answer that is begun meanwhile, whatever an SDK does with it.

    Some leave that to the garbage collector, and so the vendor goes on and bills.

    Yields:
        The answers that have begun so far.
    """
    before, begun = _ANSWERS.get(), list[Any]()
    _ANSWERS.set(begun)
    try:
        yield begun
    finally:
        _ANSWERS.set(before)
        for answer in begun:
            await answer.aclose()


async def _begun(response: httpx2.Response) -> None:
    answers = _ANSWERS.get()
    if answers is not None:
        answers.append(response)


def new_http_client(
    base_url: str, *, is_anonymous: bool, without: tuple[str, ...] = ()
) -> httpx2.AsyncClient:
    """Make a client for one provider; the caller closes it.

    Args:
        base_url: Where the provider is.
        is_anonymous: There is no key. The SDKs insist on one, so what they make of
            the placeholder is taken off again.
        without: Headers of the SDK that must not be sent either.
    """
    import httpx2

    from coderchat_jupyter.server.providers._network import use_network

    unwanted = (*(_KEY_HEADERS if is_anonymous else ()), *without)

    async def cleaned(request: httpx2.Request) -> None:
        for name in unwanted:
            request.headers.pop(name, None)

    client = httpx2.AsyncClient(
        event_hooks={
            "request": [cleaned, name_caller, note_request],
            "response": [_begun, bound, note_response],
        },
        timeout=httpx2.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS),
        # A proxy of the machine must not be asked for the machine itself.
        trust_env=not is_loopback(base_url),
    )
    use_network(client)
    return client
