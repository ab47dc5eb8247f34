"""Which server this process talks to, and the client that does."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import SecretStr

from coderchat_jupyter import config
from coderchat_jupyter.client import Client
from coderchat_jupyter.config import Deployment, Incomplete, Target
from coderchat_jupyter.errors import ConfigurationError
from coderchat_jupyter.session._loop import background

__all__ = ["connect", "default_client", "reviver", "use_client"]

_embedded: Final[weakref.WeakSet[Client]] = weakref.WeakSet()


class _Default:
    """The client of this process, and what it was made for."""

    lock: Final = threading.RLock()
    client: Client | None = None
    target: Target = None
    is_chosen = False


def connect(
    url: str | None = None,
    token: SecretStr | str | None = None,
    *,
    on_progress: Callable[[str], None] | None = None,
) -> Client:
    """Make a client. Blocks only while our own server has to be started.

    Args:
        url: The deployment; with it, `token` is needed. If None: the deployment of
            the environment (`CODER_URL` and `CODER_SESSION_TOKEN`), else the one that
            the Coder CLI is logged in to, else our own server, started on first use.
        token: The session token for `url`.
        on_progress: Told how starting our own server goes, in short sentences.

    Raises:
        ConfigurationError: Half of an address and token is missing, or wrong.
        EmbeddedServerError: Our own server could not be started.
    """
    if url is not None:
        if not token:
            raise ConfigurationError("connect() needs a token for the address.")
        return Client(url, token)
    if token:
        raise ConfigurationError("connect() needs an address for the token.")
    return _client_for(config.load().target, on_progress)


def default_client(*, on_progress: Callable[[str], None] | None = None) -> Client:
    """The client that all cells of this process share, made on first use.

    Blocks while our own server has to be started: call it from a thread. When the
    environment names another deployment meanwhile, the next call has a new client.

    Raises:
        ConfigurationError: Half of an address and token is missing, or wrong.
        EmbeddedServerError: Our own server could not be started.
    """
    with _Default.lock:
        client = _Default.client
        if client is not None and _Default.is_chosen:
            return client
        target = config.load().target
        if client is None or target != _Default.target:
            old, client = client, _client_for(target, on_progress)
            _Default.client, _Default.target = client, target
            if old is not None:
                # Chats that are open there go on: the next call connects again.
                background().submit(old.aclose())
        elif target is None:
            # It may have gone after a quiet time; this brings it back.
            _restart(client, on_progress)
        return client


def use_client(client: Client | None) -> None:
    """Let all cells of this process use a client; None: decide anew on next use."""
    with _Default.lock:
        _Default.client = client
        _Default.is_chosen = client is not None


def reviver(client: Client) -> Callable[[], Awaitable[None]] | None:
    """What brings a client's server back; None where that is not ours to do."""
    if client not in _embedded:
        return None

    async def revive() -> None:
        await asyncio.to_thread(_restart, client, None)

    return revive


def _client_for(target: Target, on_progress: Callable[[str], None] | None) -> Client:
    if isinstance(target, Incomplete):
        raise ConfigurationError(target.reason)
    if isinstance(target, Deployment):
        return Client(target.url, target.token)
    found = _ensure_running(on_progress)
    client = Client(found.url, found.token)
    _embedded.add(client)
    return client


def _restart(client: Client, on_progress: Callable[[str], None] | None) -> None:
    found = _ensure_running(on_progress)
    client.move(found.url, found.token)


def _ensure_running(on_progress: Callable[[str], None] | None) -> Deployment:
    # Imported on first use: a notebook of a deployment needs nothing of it.
    from coderchat_jupyter.session._embedded import ensure_running

    return ensure_running(on_progress)
