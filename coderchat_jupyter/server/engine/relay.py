"""Shows what a chat's model is writing to listeners on other servers.

Such pieces are never stored, and most chats are listened to where they run. So a
server says which chats its listeners want to hear, again and again, and who runs one
of them tells its pieces for as long as that is wanted. Who begins to listen is told
first what there is of the step, and drops what comes before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from coderchat_jupyter.server.pubsub.channels import Pubsub
from coderchat_jupyter.server.pubsub.notes import Note
from coderchat_jupyter.server.streaming.hub import Hub
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Relay"]

_ASK_SECONDS: Final = 10.0
_WANTED_SECONDS: Final = 25.0
"""How long it is told what was asked for once."""

_PAUSE_SECONDS: Final = 0.02
"""Between two tellings: what comes meanwhile goes together."""

_CHATS_AT_ONCE: Final = 150
_TURNING: Final = frozenset({"status", "retry"})


class Relay:
    """What is written here and wanted elsewhere, and the other way round.

    Args:
        hub: Who listens here, and what is being written here.
        pubsub: The way to other servers.
        worker_id: Of this server.
        runs_here: Whether this server runs a chat.
    """

    def __init__(
        self,
        hub: Hub,
        pubsub: Pubsub,
        worker_id: str,
        runs_here: Callable[[ChatId], bool],
    ) -> None:
        self._hub = hub
        self._pubsub = pubsub
        self._worker_id = worker_id
        self._runs_here = runs_here
        self._wanted: dict[ChatId, float] = {}
        self._awaited: set[ChatId] = set()
        self._notes: list[Note] = []
        self._news = asyncio.Event()
        self._telling = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Tell, and ask."""
        self._hub.elsewhere = self
        self._tasks = [
            asyncio.create_task(self._tell_on(), name="relay"),
            asyncio.create_task(self._ask_on(), name="wishes of listeners"),
        ]

    async def stop(self) -> None:
        """Tell nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def part(self, chat_id: ChatId, text: str) -> None:
        """A piece of a step that is written here."""
        if self._wanted.get(chat_id, 0) > _time():
            self._put(Note(by="", chat_id=chat_id, parts=(text,)))

    def retry(self, chat_id: ChatId, text: str) -> None:
        """A step that is written here begins anew."""
        told = {"kind": "retry", "text": text}
        self._put(Note(by="", chat_id=chat_id, told=(told,)))

    def listen(self, chat_id: ChatId) -> None:
        """Somebody here listens to a chat for the first time."""
        if not self._runs_here(chat_id):
            self._awaited.add(chat_id)
            self._put(Note(by="", wanted=(chat_id,), anew=True))

    def writes(self, chat_id: ChatId) -> bool:
        """Whether a chat does not run here, so that its steps are told by others."""
        return not self._runs_here(chat_id)

    def receive(self, note: Note) -> bool:
        """Take what another server says; whether our listeners should hear it."""
        for wanted in note.wanted:
            self._wanted[ChatId(wanted)] = _time() + _WANTED_SECONDS
            if note.anew and self._runs_here(ChatId(wanted)):
                self._catch_up(ChatId(wanted), note.by)
        chat_id = ChatId(note.chat_id)
        is_awaited = chat_id in self._awaited
        if note.to:
            if note.to == self._worker_id:
                self._awaited.discard(chat_id)
            return is_awaited and note.to == self._worker_id
        if any(told.get("kind") in _TURNING for told in note.told):
            # What was written before is void.
            self._awaited.discard(chat_id)
        return not (note.parts and is_awaited)

    async def flush(self, chat_id: ChatId) -> None:
        """Tell all there is of a step, before its message is."""
        if self._telling.locked() or any(n.chat_id == chat_id for n in self._notes):
            await self._tell()

    def _put(self, note: Note) -> None:
        self._notes.append(note)
        self._news.set()

    def _catch_up(self, chat_id: ChatId, asker: str) -> None:
        retry, parts = self._hub.being_written(chat_id)
        told = ({"kind": "retry", "text": retry.text},) if retry else ()
        texts = tuple(part.text for part in parts)
        self._put(Note(by="", chat_id=chat_id, told=told, parts=texts, to=asker))

    async def _tell_on(self) -> None:
        while True:
            await self._news.wait()
            await self._tell()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _ask_on(self) -> None:
        while True:
            await asyncio.sleep(_ASK_SECONDS)
            now = _time()
            self._wanted = {c: t for c, t in self._wanted.items() if t > now}
            listened = [c for c in self._hub.listened() if not self._runs_here(c)]
            self._awaited &= set(listened)
            for first in range(0, len(listened), _CHATS_AT_ONCE):
                some = tuple(listened[first : first + _CHATS_AT_ONCE])
                self._put(Note(by="", wanted=some))

    async def _tell(self) -> None:
        async with self._telling:
            notes, self._notes = _together(self._notes), []
            self._news.clear()
            for note in notes:
                await self._pubsub.say(note)


def _together(notes: list[Note]) -> list[Note]:
    """The same, with the pieces of a chat that follow each other in one note."""
    found: list[Note] = []
    for note in notes:
        last = found[-1] if found else note
        follows = bool(last.parts and note.parts) and not (last.to or note.to)
        if follows and last is not note and last.chat_id == note.chat_id:
            found[-1] = replace(last, parts=(*last.parts, *note.parts))
            continue
        found.append(note)
    return found


def _time() -> float:
    return asyncio.get_running_loop().time()
