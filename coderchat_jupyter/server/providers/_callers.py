"""For whom a vendor is called: headers by which gateways tell chats apart."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from coderchat_jupyter.server.package import package_version

if TYPE_CHECKING:
    import httpx2

__all__ = ["called_for", "caller_headers", "name_caller"]

_CALLER: Final[ContextVar[Mapping[str, str] | None]] = ContextVar(
    "_CALLER", default=None
)

_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}

_AGENT: Final = (
    f"coder-agents/{package_version()} ({platform.system().lower()}/"
    f"{_ARCHITECTURES.get(platform.machine(), platform.machine())})"
)
"""The name that gateways know the callers of this API by."""


def caller_headers(
    *, owner_id: str, chat_id: str, parent_id: str | None
) -> dict[str, str]:
    """The headers of a chat's calls; a subagent's chat is named after its parent's."""
    headers = {"X-Coder-Owner-Id": owner_id, "X-Coder-Chat-Id": parent_id or chat_id}
    if parent_id:
        headers["X-Coder-Subchat-Id"] = chat_id
    return headers


@contextmanager
def called_for(headers: Mapping[str, str]) -> Iterator[None]:
    """Send headers along with every call that is made meanwhile."""
    before = _CALLER.get()
    _CALLER.set(headers)
    try:
        yield
    finally:
        _CALLER.set(before)


async def name_caller(request: httpx2.Request) -> None:
    """Put them on a request."""
    request.headers["User-Agent"] = _AGENT
    request.headers.update(_CALLER.get() or {})
