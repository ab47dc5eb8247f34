"""One server for each SQLite file: it is held for as long as it is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = ["DatabaseServedError", "held"]

_PATIENCE_SECONDS: Final = 2.0
"""For a server that is on its way out."""


class DatabaseServedError(OSError):
    """Another server serves the file; the text says so."""


@asynccontextmanager
async def held(address: DatabaseAddress) -> AsyncIterator[None]:
    """Keep other servers from serving a SQLite file; Postgres serves any number.

    The lock goes with the process, however that ends. Commands that only change
    something, as `coderchat users add`, need none.

    Raises:
        DatabaseServedError: Another server serves it.
    """
    if not isinstance(address, Path):
        yield
        return
    path = address.with_name(f"{address.name}.lock")
    try:
        address.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(address, error.strerror) from None
    lock = FileLock(
        path,
        timeout=_PATIENCE_SECONDS,
        thread_local=False,
    )
    try:
        await asyncio.to_thread(lock.acquire)
    except Timeout:
        if not path.exists():
            raise _unusable(address, "no file can be made beside it") from None
        msg = (
            f"another server serves {str(address)!r}: stop it, or give another "
            "--database; several servers can share one of Postgres"
        )
        raise DatabaseServedError(msg) from None
    try:
        yield
    finally:
        lock.release()


def _unusable(address: Path, why: str | None) -> OSError:
    return OSError(f"cannot use {str(address)!r} as a SQLite database: {why}")
