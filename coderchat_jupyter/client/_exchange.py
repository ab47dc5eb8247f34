"""One call over httpx, made once: where it goes, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpx
from pydantic import SecretBytes, TypeAdapter

from coderchat_jupyter.client import _failures, _refusals
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._pool import Pool
from coderchat_jupyter.client._release import Release, is_elsewhere
from coderchat_jupyter.client._unknowns import Unknowns
from coderchat_jupyter.errors import (
    CoderChatError,
    ConnectionLostError,
    ProtocolError,
)
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.routes import VERSION_HEADER

__all__ = ["Call", "Exchange", "Failed"]

# A page of long messages over a slow line may take several times as long as a server
# may be silent, but not for ever.
_WHOLE: Final = 4


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked.

    Attributes:
        method: Of HTTP.
        path: One of `wire.routes`.
        returns: What the answer is decoded to; None if nobody reads it.
        params: The query.
        content: The body; a view of an error that shows locals must not show keys.
    """

    method: str
    path: str
    returns: Any = None
    params: Mapping[str, Any] | None = None
    content: SecretBytes | None = None

    @property
    def name(self) -> str:
        """What it is called in an error: a query may hold anything."""
        return f"{self.method} {self.path.partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class Failed:
    """What came of a call: an error to raise, apart from where it came up."""

    error: CoderChatError
    is_unsent: bool = False


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class Exchange:
    """Makes calls of one client, and reads their answers. Raises no failure itself."""

    def __init__(
        self,
        place: Place,
        pool: Pool,
        *,
        timeout: float,
        release: Release,
        unknowns: Unknowns,
    ) -> None:
        self._place = place
        self._pool = pool
        self._timeout = timeout
        self._release = release
        self._unknowns = unknowns

    async def make(self, call: Call) -> Any:
        """What was answered, decoded; or what went wrong, as `Failed`."""
        try:
            # The limit of httpx starts anew with each byte that drips in.
            async with asyncio.timeout(_WHOLE * self._timeout):
                return await self._once(call)
        except TimeoutError:
            address = self._place.address
            return Failed(ConnectionLostError(f"{address} took too long to answer."))
        except asyncio.CancelledError as cancelled:
            raise _failures.bare(cancelled)  # noqa: B904
        except _failures.LIBRARY as cause:
            return self.translated(cause)

    def translated(self, cause: BaseException) -> Failed:
        """What a library raised, as an error of ours."""
        place = self._place
        error = _failures.from_exception(cause, address=place.address, hide=place.token)
        return Failed(error, is_unsent=_failures.is_unsent(cause))

    def refused(
        self, call: Call, answer: httpx.Response, body: bytes
    ) -> CoderChatError:
        """An answer that is no success, as an error of ours."""
        return _refusals.from_response(
            answer.status_code,
            body,
            call=call.name,
            address=self._place.address,
            content_type=answer.headers.get("Content-Type", ""),
            location=answer.headers.get("Location", ""),
            version=self._release.version,
            retry_after=answer.headers.get("Retry-After", ""),
            hide=self._place.token,
        )

    def note(self, answer: httpx.Response, address: str | None = None) -> None:
        """Learn from an answer which release gave it."""
        self._release.note(answer.headers.get(VERSION_HEADER, ""), address=address)

    async def _once(self, call: Call) -> Any:
        path = call.path
        full_path = self._release.full_path(path)
        answer = await self._request(call, full_path)
        other = self._release.other_path(path, full_path)
        if other is not None:
            # Nothing was done where there is no such route, so trying is safe.
            if is_elsewhere(answer):
                full_path = other
                answer = await self._request(call, full_path)
            if answer.is_success:
                self._release.settle(path, full_path)
        if not answer.is_success:
            return Failed(self.refused(call, answer, answer.content))
        return None if call.returns is None else self._read(answer, call.returns)

    async def _request(self, call: Call, full_path: str) -> httpx.Response:
        address, content = self._place.address, call.content
        answer = await self._pool.client().request(
            call.method,
            address + full_path,
            params=call.params,
            content=None if content is None else content.get_secret_value(),
            headers={} if content is None else {"Content-Type": "application/json"},
        )
        self.note(answer, address)
        return answer

    def _read(self, answer: httpx.Response, returns: Any) -> Any:
        what = returns.__name__ if isinstance(returns, type) else "answer"
        try:
            value = decode(_adapter(returns), answer.content, what=what)
        except ProtocolError as error:
            raise _refusals.not_readable(
                error,
                address=self._place.address,
                status=answer.status_code,
                content_type=answer.headers.get("Content-Type", ""),
                hide=self._place.token,
            ) from None
        self._unknowns.note(value)
        return value
