"""One seeded life of a chat through a server that fails, and what a session made of it.

All of it runs on the background loop, server included: one process, one thread.
"""

from __future__ import annotations

import asyncio
import contextlib
from random import Random
from typing import Any, Final

from pydantic import TypeAdapter

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import CoderChatError
from coderchat_jupyter.session import Backoff, ChatSession, Pace
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message
from tests.fakes.fault_chat import CHAT_ID, FaultChat
from tests.fakes.fault_server import FaultServer, faulty

__all__ = ["run_seed"]

TOKEN: Final = "abcdefghij-secretsecretsecret22"

_AT_ONCE: Final = Backoff(base=0.0, cap=0.0)
_OFTEN: Final = Pace(busy=0.005, idle=0.01)
_TRUTH: Final = TypeAdapter(tuple[Message, ...])

# Only those who wait for a stalled server wait for these, in seconds.
_CALL: Final = 1.0
_PING: Final = 0.5

# Five megabytes take their time on a busy machine; nothing stalls in such a life.
_LARGE_CALL: Final = 30.0
_LARGE_PING: Final = 10.0

_CONVERGES: Final = 60.0
_FIVE_MEGABYTES: Final = 5_000_000


class Life:
    """What happens to the chat, and how long the session is left to follow."""

    def __init__(self, chat: FaultChat, server: FaultServer, dice: Random) -> None:
        self.chat = chat
        self.server = server
        self.dice = dice
        self.count = 0

    def text(self, what: str) -> str:
        """Words that nobody else says."""
        self.count += 1
        return f"{what}{self.count} "

    def step(self) -> None:
        """Something that may happen now."""
        chat, dice = self.chat, self.dice
        if chat.status == "pending":
            chat.start()
        elif chat.is_busy:
            self._while_running()
        elif chat.queue:
            dice.choice((chat.promote, chat.unqueue))(chat.queue[-1]["id"])
        elif chat.messages and dice.random() < 0.25:
            self._edit()
        else:
            chat.send(self.text("ask"))

    def _while_running(self) -> None:
        chat, luck = self.chat, self.dice.random()
        if luck < 0.45:
            chat.write(self.text("w"))
        elif luck < 0.60:
            chat.commit(with_tool=self.dice.random() < 0.5)
        elif luck < 0.75:
            chat.commit()
            chat.finish()
        elif luck < 0.80:
            chat.retry_later()
        elif luck < 0.83:
            chat.fail()
        elif luck < 0.87:
            chat.interrupt()
        elif luck < 0.93:
            chat.send(self.text("later"))
        elif luck < 0.97 and chat.queue:
            queued_id = self.dice.choice(chat.queue)["id"]
            self.dice.choice((chat.promote, chat.unqueue))(queued_id)
        else:
            self._edit()

    def _edit(self) -> None:
        asked = [m["id"] for m in self.chat.messages if m["role"] == "user"]
        if asked:
            self.chat.edit(self.dice.choice(asked[-3:]), self.text("edited"))

    async def pause(self) -> None:
        """Let the session follow: not at all, for a moment, or until it is there."""
        luck = self.dice.random()
        if luck < 0.5:
            await asyncio.sleep(0)
        elif luck < 0.7:
            await asyncio.sleep(0.001)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    while not self.chat.followers:  # noqa: ASYNC110
                        await asyncio.sleep(0.001)
                    await asyncio.sleep(0.002)

    def settle(self) -> None:
        """What runs comes to its end."""
        while self.chat.is_busy:
            if self.chat.status == "pending":
                self.chat.start()
            self.chat.commit()
            self.chat.finish()


async def run_seed(seed: int, *, is_polled: bool = False) -> tuple[int, int]:
    """Live one life, and hold the session against the server.

    Args:
        seed: Of all dice.
        is_polled: The session looks from time to time, and opens no stream.

    Returns:
        How many streams were opened, and how many messages there are in the end.

    Raises:
        AssertionError: The session ended with something else; the text says what.
    """
    # Dice of their own, so that what one throws does not depend on the others' pace.
    life, lanes, faults = (
        Random(f"{seed} {who}")  # noqa: S311  the same every time
        for who in ("life", "lane", "fault")
    )
    chat = FaultChat(lanes, is_new=seed % 3 == 2)
    server = FaultServer(chat, faults, faults=faults.randint(1, 9))
    server.envelope = seed % 3 == 0
    is_large = server.is_patient = seed % 100 == 7
    async with faulty(server):
        client = quick_client(server.url, is_large=is_large)
        try:
            session = await _opened(client, is_polled=is_polled)
            await _live(session, Life(chat, server, life), is_large=is_large)
        finally:
            await client.aclose()
        async with asyncio.timeout(5):
            while server.tasks:
                await asyncio.wait(tuple(server.tasks))
    assert len(server.posted) == len(set(server.posted)), f"seed {seed}: sent twice"
    return server.streams, len(chat.messages)


def quick_client(url: str, *, is_large: bool) -> Client:
    """A client that never waits between attempts, and not long for a dead server."""
    client = Client(url, TOKEN, timeout=_LARGE_CALL if is_large else _CALL)
    client._http._sleep = _no_sleep
    dialer: Any = client.chats._streams
    ping = _LARGE_PING if is_large else _PING
    dialer._dialer._ping_interval = dialer._dialer._ping_timeout = ping
    return client


async def _no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


async def _live(session: ChatSession, life: Life, *, is_large: bool) -> None:
    watch = _Watch(session)
    sends: list[asyncio.Task[None]] = []
    try:
        for number in range(life.dice.randint(8, 30)):
            life.step()
            if life.dice.random() < 0.06:
                sends.append(asyncio.create_task(_send(session, life.text("mine"))))
            if number >= 5 and is_large and life.chat.status == "running":
                life.chat.write("x" * _FIVE_MEGABYTES)
                is_large = False
            await life.pause()
        life.server.faults = 0
        await asyncio.gather(*sends)
        life.settle()
        truth = _TRUTH.validate_python(life.chat.messages)
        try:
            async with asyncio.timeout(_CONVERGES):
                await session.until(lambda state: not _wrong(state, life.chat, truth))
        except TimeoutError:
            told = "; ".join(_wrong(session.state, life.chat, truth))
            story = "\n  ".join(life.server.story)
            raise AssertionError(f"{told} ({session.link})\n  {story}") from None
        assert not watch.broken, f"{watch.broken[:3]}"
    finally:
        watch.leave()
        await session.aclose()


async def _opened(client: Client, *, is_polled: bool) -> ChatSession:
    while True:
        with contextlib.suppress(CoderChatError):
            return await ChatSession.open(
                client,
                ChatId(CHAT_ID),
                backoff=_AT_ONCE,
                mark_read=not is_polled,
                pace=_OFTEN,
            )


async def _send(session: ChatSession, text: str) -> None:
    # Whether it arrived is for the server to know; nobody sends it again.
    with contextlib.suppress(CoderChatError):
        await session.send(text)


class _Watch:
    """Looks at every state that the session shows."""

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self.broken: list[str] = []
        self.leave = session.subscribe(self._look)

    def _look(self) -> None:
        state = self._session.state
        ids = [message.id for message in state.messages]
        if ids != sorted(set(ids)):
            self.broken.append(f"messages {ids}")
        self.broken += broken_rules(state)


def _wrong(state: ChatState, chat: FaultChat, truth: tuple[Message, ...]) -> list[str]:
    """What is not as the server has it."""
    wrong = []
    if state.messages != truth:
        ids, real = [m.id for m in state.messages], [m.id for m in truth]
        wrong.append(f"messages {ids} instead of {real}")
    if state.status != chat.status:
        wrong.append(f"status {state.status} instead of {chat.status}")
    queued, waits = [q.id for q in state.queue], [q["id"] for q in chat.queue]
    if queued != waits:
        wrong.append(f"queue {queued} instead of {waits}")
    if state.preview and not state.preview.is_over:
        wrong.append(f"a preview of {len(state.preview.blocks)} blocks")
    if (state.error is not None) != (chat.status == "error"):
        wrong.append(f"error {state.error}")
    return wrong
