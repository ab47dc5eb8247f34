"""Calls over httpx: made, made again where that is safe, and read."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpx
from pydantic import SecretBytes, TypeAdapter

from coderchat_jupyter.client import _failures, _refusals
from coderchat_jupyter.client._bodies import Source, beginning
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._pool import Pool
from coderchat_jupyter.client._release import Release, is_elsewhere, renamed
from coderchat_jupyter.client._retry import REPEATABLE, delay_before_retry
from coderchat_jupyter.client._seam import Http
from coderchat_jupyter.client._unknowns import Unknowns
from coderchat_jupyter.errors import (
    CoderChatError,
    ConnectionLostError,
    NotFoundError,
    ProtocolError,
    UnsupportedError,
)
from coderchat_jupyter.wire._go import dumps, encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.generations import Generation
from coderchat_jupyter.wire.providers import with_secrets
from coderchat_jupyter.wire.routes import BUILD_INFO, VERSION_HEADER
from coderchat_jupyter.wire.users import BuildInfo

__all__ = ["Chance", "Http", "HttpxHttp", "Sleep"]

Sleep = Callable[[float], Awaitable[None]]
Chance = Callable[[], float]


# A page of long messages over a slow line may take several times as long as a server
# may be silent, but not for ever.
_WHOLE: Final = 4


@dataclass(frozen=True, slots=True)
class _Failed:
    """What came of an attempt: an error to raise, apart from where it came up."""

    error: CoderChatError
    is_unsent: bool = False


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


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
        self._unknowns = unknowns or Unknowns()
        self._release = release or Release(place)
        self._pool = Pool(place, timeout=timeout, verify=verify, transport=transport)
        self._timeout = timeout
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
        return await self._call("GET", path, params=params, returns=returns)

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
            # A view of an error that shows locals must not show keys.
            content = SecretBytes(dumps(with_secrets(encode(body))))
            if cap is not None and len(content) > cap:
                call = _named(method, path)
                raise _refusals.too_large(len(content), cap, call=call)
        return await self._call(method, path, content=content, returns=returns)

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
                self._note(answer)
                if answer.is_success:
                    is_read = True
                    yield answer
                else:
                    failed = self._refused(
                        answer, await beginning(answer), method, path
                    )
        except asyncio.CancelledError as cancelled:
            raise _failures.bare(cancelled)  # noqa: B904
        except _failures.LIBRARY as cause:
            of_block = is_read and not isinstance(cause, _failures.OF_HTTPX)
            if of_block or (source is not None and cause is source.error):
                raise
            failed = self._translated(cause).error
        if failed is not None:
            raise _failures.bare(failed)

    async def aclose(self) -> None:
        """Close the connections of every loop that still runs."""
        await self._pool.aclose()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        returns: Any,
        params: Mapping[str, Any] | None = None,
        content: SecretBytes | None = None,
    ) -> Any:
        self._check(method, path)
        attempt, may_be_done = 0, False
        while True:
            attempt += 1
            # Raised from here and not from where it was caught: the frames and
            # causes of the libraries hold the token.
            outcome = await self._attempt(method, path, params, content, returns)
            if not isinstance(outcome, _Failed):
                return outcome
            error = outcome.error
            is_gone = method == "DELETE" and isinstance(error, NotFoundError)
            if may_be_done and is_gone and returns is None:
                # The attempt before deleted it, and its answer was lost.
                return None
            if isinstance(error, UnsupportedError) and not error.server_version:
                error = await self._with_version(error, path)
            wait = delay_before_retry(
                attempt,
                error=error,
                is_unsent=outcome.is_unsent,
                is_repeatable=method in REPEATABLE,
                chance=self._chance(),
            )
            if wait is None:
                raise _failures.bare(error)
            is_lost = isinstance(error, ConnectionLostError)
            may_be_done = may_be_done or (is_lost and not outcome.is_unsent)
            await self._sleep(wait)

    async def _attempt(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        content: SecretBytes | None,
        returns: Any,
    ) -> Any:
        try:
            # The limit of httpx starts anew with each byte that drips in.
            async with asyncio.timeout(_WHOLE * self._timeout):
                return await self._once(method, path, params, content, returns)
        except TimeoutError:
            address = self._place.address
            return _Failed(ConnectionLostError(f"{address} took too long to answer."))
        except asyncio.CancelledError as cancelled:
            raise _failures.bare(cancelled)  # noqa: B904
        except _failures.LIBRARY as cause:
            return self._translated(cause)

    def _translated(self, cause: BaseException) -> _Failed:
        place = self._place
        error = _failures.from_exception(cause, address=place.address, hide=place.token)
        return _Failed(error, is_unsent=_failures.is_unsent(cause))

    async def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        content: SecretBytes | None,
        returns: Any,
    ) -> Any:
        full_path = self._release.full_path(path)
        answer = await self._request(method, full_path, params, content)
        other = self._release.other_path(path, full_path)
        if other is not None:
            # Nothing was done where there is no such route, so trying is safe.
            if is_elsewhere(answer):
                full_path = other
                answer = await self._request(method, full_path, params, content)
            if answer.is_success:
                self._release.settle(path, full_path)
        if not answer.is_success:
            return _Failed(self._refused(answer, answer.content, method, path))
        if returns is None:
            return None
        kind = answer.headers.get("Content-Type", "")
        try:
            what = returns.__name__ if isinstance(returns, type) else "answer"
            value = decode(_adapter(returns), answer.content, what=what)
        except ProtocolError as error:
            raise _refusals.not_readable(
                error,
                address=self._place.address,
                status=answer.status_code,
                content_type=kind,
                hide=self._place.token,
            ) from None
        self._unknowns.note(value)
        return value

    async def _request(
        self,
        method: str,
        full_path: str,
        params: Mapping[str, Any] | None,
        content: SecretBytes | None,
    ) -> httpx.Response:
        address = self._place.address
        answer = await self._pool.client().request(
            method,
            address + full_path,
            params=params,
            content=None if content is None else content.get_secret_value(),
            headers={} if content is None else {"Content-Type": "application/json"},
        )
        self._note(answer, address)
        return answer

    def _note(self, answer: httpx.Response, address: str | None = None) -> None:
        self._release.note(answer.headers.get(VERSION_HEADER, ""), address=address)

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

    def _refused(
        self, answer: httpx.Response, body: bytes, method: str, path: str
    ) -> CoderChatError:
        return _refusals.from_response(
            answer.status_code,
            body,
            call=_named(method, path),
            address=self._place.address,
            content_type=answer.headers.get("Content-Type", ""),
            location=answer.headers.get("Location", ""),
            version=self._release.version,
            retry_after=answer.headers.get("Retry-After", ""),
            hide=self._place.token,
        )


def _named(method: str, path: str) -> str:
    """What a call is called in an error: a query may hold anything."""
    return f"{method} {path.partition('?')[0]}"
