"""The seam to HTTP: what a resource may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import httpx

from coderchat_jupyter.wire.generations import Generation

__all__ = ["Http"]


class Http(Protocol):
    """Calls to one server. Paths are those of `wire.routes`.

    Every method raises only errors of `coderchat_jupyter.errors`.
    """

    @property
    def known_generation(self) -> Generation | None:
        """What the server is taken for so far, None if it has not said."""
        ...

    async def generation(self) -> Generation:
        """What the server is taken for, for calls whose shape depends on it.

        Raises:
            ServerUnreachableError: It had not said yet, and is not there.
        """
        ...

    async def get(
        self, path: str, *, returns: Any, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Read something; repeated by itself when the connection is lost."""
        ...

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

        `cap` is how many bytes of a body every server takes: more is not sent.
        """
        ...

    def open(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: AsyncIterable[bytes] | bytes | None = None,
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """One call whose body or answer is a stream of bytes; never repeated."""
        ...
