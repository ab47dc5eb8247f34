"""Which release is at the other end, and so where its calls are and which it lacks."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

import httpx

from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._told import clean
from coderchat_jupyter.errors import (
    CoderChatError,
    ConnectionLostError,
    ServerUnreachableError,
    UnsupportedError,
)
from coderchat_jupyter.wire.generations import NEWEST, Generation, generation_of
from coderchat_jupyter.wire.lacking import (
    endpoint_of,
    is_always_experimental,
    replacement,
)
from coderchat_jupyter.wire.routes import EXPERIMENTAL, STABLE

__all__ = ["Release", "is_elsewhere", "lacks", "renamed", "unsupported"]

_UNKNOWN_BASES: Final = (EXPERIMENTAL, STABLE)
_EXPERIMENT: Final = re.compile(r"'([\w-]{1,64})' experiment")
_FALL_THROUGH: Final = re.compile(r'invalid uuid "([\w-]{1,64})"', re.IGNORECASE)
_BRANCHES: Final = frozenset(
    {
        "by-workspace",
        "config",
        "cost",
        "files",
        "insights",
        "model-configs",
        "models",
        "providers",
        "usage-limits",
        "user-provider-configs",
        "watch",
    }
)
"""What may follow `/chats/` where else the id of a chat stands."""


@dataclass(slots=True)
class _Known:
    """What is known of the server at one address."""

    address: str
    version: str = ""
    generation: Generation | None = None
    base: str = ""


class Release:
    """What is known of the server, from its answers or by asking it once.

    Shared by everything that connects to one place; forgets when the place changes.
    May be used from any number of threads and event loops.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._known = _Known(place.address)
        self._lock = threading.Lock()
        self._asking: Future[Generation | None] | None = None

    @property
    def version(self) -> str:
        """As the server gives it, empty if it has not said."""
        return self._here().version

    @property
    def generation(self) -> Generation | None:
        """What the server is taken for, None before anything is known."""
        return self._here().generation

    def forget(self) -> None:
        """Know nothing again: another server may be there from now on."""
        self._known = _Known(self._place.address)

    def note(self, version: str, *, address: str | None = None) -> None:
        """Take in what the header of an answer says; an empty text says nothing.

        Args:
            version: The build version.
            address: Whose answer it was. One from before a move is not heard.
        """
        known = self._here()
        # It is told in errors, and a hostile server may repeat the token.
        version = clean(version, 100, hide=self._place.token) if version else ""
        if not version or version == known.version:
            return
        if address is None or address == known.address:
            generation = generation_of(version)
            # A server that was upgraded may have moved its tree.
            base = "" if known.version else known.base
            self._known = _Known(known.address, version, generation, base)

    async def find(self, ask: Callable[[], Awaitable[str]]) -> Generation:
        """What the server is taken for; asks it if no answer has told yet.

        However many wait at the same time, it is asked once. A server that refuses
        to say is taken for the newest, and not asked again; one whose answer got
        lost is taken for it, too, but asked again by the next call.

        Args:
            ask: Gives the version.

        Raises:
            ServerUnreachableError: It is not there; the next call tries again.
        """
        while (generation := self._here().generation) is None:
            with self._lock:
                asking = self._asking
                if asking is None:
                    mine: Future[Generation | None] = Future()
                    # Whoever stops waiting must not cancel it for the others.
                    mine.set_running_or_notify_cancel()
                    self._asking = mine
            told = await (
                self._ask(ask, mine) if asking is None else asyncio.wrap_future(asking)
            )
            if told is not None:
                return told
        return generation

    async def _ask(
        self, ask: Callable[[], Awaitable[str]], mine: Future[Generation | None]
    ) -> Generation | None:
        """What came of asking, also told to all who wait; None for nothing."""
        known = self._here()
        told: Generation | None = None
        failure: ServerUnreachableError | None = None
        try:
            version = await ask()
            self.note(version, address=known.address)
            self._give_up(known)
        except ServerUnreachableError as error:
            failure = error
            raise
        except ConnectionLostError:
            # Something on the way may let only this one question get lost.
            told = NEWEST
        except CoderChatError:
            self._give_up(known)
        finally:
            with self._lock:
                self._asking = None
            if failure is None:
                mine.set_result(told)
            else:
                mine.set_exception(failure)
        return told

    def _give_up(self, known: _Known) -> None:
        """Take a server that does not say what it is for the newest."""
        if self._here() is known and known.generation is None:
            known.generation = generation_of("")

    def full_path(self, path: str) -> str:
        """Where a path of `wire.routes` is at this server."""
        return path if path.startswith("/api/") else self._bases(path)[0] + path

    def other_path(self, path: str, tried: str) -> str | None:
        """Where a relative path may be when it is not at `tried`."""
        bases = () if path.startswith("/api/") else self._bases(path)
        return next((base + path for base in bases if base + path != tried), None)

    def settle(self, path: str, full_path: str) -> None:
        """The server has the tree there: `path` was answered at `full_path`."""
        if not path.startswith("/api/") and not is_always_experimental(path):
            self._here().base = full_path.removesuffix(path)

    def _bases(self, path: str) -> tuple[str, ...]:
        if is_always_experimental(path):
            return (EXPERIMENTAL,)
        known = self._here()
        if known.base:
            return (known.base,)
        return (
            known.generation.base_paths
            if known.version and known.generation
            else (_UNKNOWN_BASES)
        )

    def knows_path(self, path: str) -> bool:
        """Whether there is only one place where a path may be."""
        return path.startswith("/api/") or len(self._bases(path)) == 1

    def refusal(self, method: str, path: str) -> UnsupportedError | None:
        """What to raise instead of making a call that this release lacks for sure."""
        known = self._here()
        generation = known.generation
        if generation is None or not generation.is_certain:
            return None
        endpoint = endpoint_of(method, path)
        if endpoint is None or endpoint.is_in(generation):
            return None
        if not endpoint.is_sure and generation.since >= endpoint.until:
            return None
        call = f"{method} {path}"
        return unsupported(call, status=404, version=known.version)

    def _here(self) -> _Known:
        if self._known.address != self._place.address:
            self.forget()
        return self._known


def is_elsewhere(answer: httpx.Response) -> bool:
    """Whether an answer means that this part of the tree is not here."""
    if answer.status_code != 404:
        return False
    is_json = "json" in answer.headers.get("Content-Type", "").lower()
    return not is_json or b'"route not found' in answer.content[:200].lower()


def lacks(status: int, message: str, *, call: str) -> bool:
    """Whether a refusal means that the release does not have the call at all.

    A chat that is not there is something else: it has another text.

    Args:
        status: The status of the answer.
        message: What the server said.
        call: Method and path, as `wire.routes` has it.
    """
    method, _, path = call.partition(" ")
    if status in (405, 410):
        return True
    if status == 404:
        # What Coder does not find it names; a way in front of it may say nothing.
        is_unnamed = not message and endpoint_of(method, path) is not None
        return is_unnamed or message.lower().startswith("route not found")
    if status == 400:
        # The route is gone, and its name was taken for the id of a chat.
        found = _FALL_THROUGH.match(message)
        return (
            found is not None
            and found[1] in _BRANCHES
            and f"{path}/".startswith(f"/chats/{found[1]}/")
        )
    return status == 403 and _EXPERIMENT.search(message) is not None


def unsupported(
    call: str, *, status: int, version: str, message: str = ""
) -> UnsupportedError:
    """The error for a call that the release lacks.

    Args:
        call: Method and path, as `wire.routes` has it.
        status: What the server answered, or would have.
        version: As the server gave it, empty if unknown.
        message: What it said, empty if it was not asked.
    """
    method, _, path = call.partition(" ")
    version = clean(version, 60)
    needed = _EXPERIMENT.search(message) if status == 403 else None
    instead = replacement(method, path, generation_of(version))
    if needed is not None:
        what = f"offers this call only with the experiment {needed[1]!r}."
    else:
        what = "does not have this call."
    hint = f" Use {instead} instead." if instead and needed is None else ""
    return UnsupportedError(
        f"The server ({version or 'of an unknown release'}) {what}{hint}",
        status=status,
        call=call,
        detail=message,
        server_version=version,
        replacement=instead,
    )


def renamed(error: UnsupportedError, version: str) -> UnsupportedError:
    """The same error, of a release that was learned after it."""
    return unsupported(
        error.call, status=error.status, version=version, message=error.detail
    )
