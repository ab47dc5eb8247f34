"""Calls over httpx: made, made again where that is safe, and read."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretBytes

from coderchat_jupyter.client import _failures, _refusals
from coderchat_jupyter.client._bodies import Source, beginning
from coderchat_jupyter.client._exchange import Call, Exchange, Failed
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._pool import Pool
from coderchat_jupyter.client._release import Release, renamed
from coderchat_jupyter.client._retry import REPEATABLE, delay_before_retry
from coderchat_jupyter.client._seam import Http
from coderchat_jupyter.client._unknowns import Unknowns
from coderchat_jupyter.errors import (
    CoderChatError,
    ConnectionLostError,
    NotFoundError,
    UnsupportedError,
)
from coderchat_jupyter.wire._go import dumps, encode
from coderchat_jupyter.wire.generations import Generation
from coderchat_jupyter.wire.providers import with_secrets
from coderchat_jupyter.wire.routes import BUILD_INFO
from coderchat_jupyter.wire.users import BuildInfo

__all__ = ["Chance", "Http", "HttpxHttp", "Sleep"]

Sleep = Callable[[float], Awaitable[None]]
Chance = Callable[[], float]


class HttpxHttp:
    """Calls over httpx. May be used from any number of event loops.

    Proxies and the certificate authority come from the environment (`HTTPS_PROXY`,
    `NO_PROXY`, `SSL_CERT_FILE`), as for any other program. Redirects are refused: the
    token is for the server that was named. Cookies are neither kept nor sent: a
    server would take a token from there before it looks at ours.
    """

    def __init__(
        self,
        place: Place,
        *,
        timeout: float,
        verify: ssl.SSLContext | None = None,
        sleep: Sleep = asyncio.sleep,
        chance: Chance = random.random,
        transport: httpx.AsyncBaseTransport | None = None,
        release: Release | None = None,
        unknowns: Unknowns | None = None,
    ) -> None:
        self._place = place
        self._release = release or Release(place)
        self._pool = Pool(place, timeout=timeout, verify=verify, transport=transport)
        self._exchange = Exchange(
            place,
            self._pool,
            timeout=timeout,
            release=self._release,
            unknowns=unknowns or Unknowns(),
        )
        self._sleep = sleep
        self._chance = chance

    def __repr__(self) -> str:
        return f"HttpxHttp({self._place.address!r})"

    @property
    def known_generation(self) -> Generation | None:
        """What the server is taken for so far, None if it has not said."""
        return self._release.generation

    async def generation(self) -> Generation:
        """What the server is taken for; asked at most once."""
        return await self._release.find(self._ask_version)

    async def get(
        self, path: str, *, returns: Any, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Read something; repeated by itself when the connection is lost."""
        return await self._make(Call("GET", path, returns, params))

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        returns: Any = None,
        cap: int | None = None,
    ) -> Any:
        """Change something; repeated only where that is safe (see `_retry`).

        Args:
            method: Of HTTP.
            path: Where.
            body: What `wire` can encode.
            returns: What the answer is decoded to; None if nobody reads it.
            cap: Bytes of a body that every server takes; more is not sent.
        """
        content = None
        if body is not None:
            content = SecretBytes(dumps(with_secrets(encode(body))))
        call = Call(method, path, returns, content=content)
        if content is not None and cap is not None and len(content) > cap:
            raise _refusals.too_large(len(content), cap, call=call.name)
        return await self._make(call)

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: AsyncIterable[bytes] | bytes | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """One call whose body or answer is a stream of bytes; never repeated.

        Hands out a success only. What `content` or the block itself raises passes
        through; all errors of the connection are translated, while the block reads
        the answer as well.

        Raises:
            CoderChatError: The call failed; for a refusal the answer was read.
        """
        if not self._release.knows_path(path):
            # It cannot be made again when it went to the wrong place.
            await self.generation()
        self._check(method, path)
        source = Source(content) if isinstance(content, AsyncIterable) else None
        failed: CoderChatError | None = None
        is_read = False
        try:
            async with self._pool.client().stream(
                method,
                self._place.address + self._release.full_path(path),
                params=params,
                headers=headers,
                content=content if source is None else source,
            ) as answer:
                self._exchange.note(answer)
                if answer.is_success:
                    is_read = True
                    yield answer
                else:
                    # No local holds what was said: it may be the token.
                    failed = self._exchange.refused(
                        Call(method, path), answer, await beginning(answer)
                    )
        except asyncio.CancelledError as cancelled:
            raise _failures.bare(cancelled)  # noqa: B904
        except _failures.LIBRARY as cause:
            of_block = is_read and not isinstance(cause, _failures.OF_HTTPX)
            if of_block or (source is not None and cause is source.error):
                raise
            failed = self._exchange.translated(cause).error
        if failed is not None:
            raise _failures.bare(failed)

    async def aclose(self) -> None:
        """Close the connections of every loop that still runs."""
        await self._pool.aclose()

    async def _make(self, call: Call) -> Any:
        """Make a call, again where that is safe, and give what was answered."""
        self._check(call.method, call.path)
        attempt, may_be_done = 0, False
        while True:
            attempt += 1
            # Raised from here and not from where it was caught: the frames and
            # causes of the libraries hold the token.
            outcome = await self._exchange.make(call)
            if not isinstance(outcome, Failed):
                return outcome
            error = outcome.error
            is_gone = call.method == "DELETE" and isinstance(error, NotFoundError)
            if may_be_done and is_gone and call.returns is None:
                # The attempt before deleted it, and its answer was lost.
                return None
            if isinstance(error, UnsupportedError) and not error.server_version:
                error = await self._with_version(error, call.path)
            wait = delay_before_retry(
                attempt,
                error=error,
                is_unsent=outcome.is_unsent,
                is_repeatable=call.method in REPEATABLE,
                chance=self._chance(),
            )
            if wait is None:
                raise _failures.bare(error)
            is_lost = isinstance(error, ConnectionLostError)
            may_be_done = may_be_done or (is_lost and not outcome.is_unsent)
            await self._sleep(wait)

    def _check(self, method: str, path: str) -> None:
        """Refuse what this release lacks for sure."""
        if (error := self._release.refusal(method, path)) is not None:
            raise error

    async def _with_version(
        self, error: UnsupportedError, path: str
    ) -> UnsupportedError:
        """The same, with the release that lacks the call."""
        if path != BUILD_INFO:
            with contextlib.suppress(CoderChatError):
                await self.generation()
        version = self._release.version
        return error if not version else renamed(error, version)

    async def _ask_version(self) -> str:
        build: BuildInfo = await self.get(BUILD_INFO, returns=BuildInfo)
        return build.version
