"""The one question that a client asks about its server, however many need it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import Final

import pytest
from pydantic import SecretStr

from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._release import Release
from coderchat_jupyter.errors import (
    AuthenticationError,
    CoderChatError,
    ConnectionLostError,
    NotCoderError,
    ProtocolError,
    ServerUnreachableError,
)
from coderchat_jupyter.wire.generations import Generation

THREADS: Final = 8


def release() -> Release:
    return Release(Place("http://coder.test", SecretStr("a-b"), use_environment=False))


class Question:
    """Counts how often it is asked, and answers or fails."""

    def __init__(self, *outcomes: str | Exception) -> None:
        self._outcomes = list(outcomes)
        self._lock = Lock()
        self.count = 0

    async def ask(self) -> str:
        with self._lock:
            self.count += 1
            outcome = self._outcomes[min(self.count, len(self._outcomes)) - 1]
        await asyncio.sleep(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_loops_of_many_threads_ask_once() -> None:
    """A client may be used from any number of event loops at the same time."""
    found, question, together = release(), Question("v2.36.0"), Barrier(THREADS)

    def of_one_thread() -> Generation:
        together.wait(20)
        return asyncio.run(found.find(question.ask))

    with ThreadPoolExecutor(THREADS) as threads:
        asked = [threads.submit(of_one_thread) for _ in range(THREADS)]
        names = {one.result(20).name for one in asked}

    assert names == {"v2.36"}
    assert question.count == 1


@pytest.mark.parametrize(
    "refusal",
    [
        NotCoderError("HTML"),
        ProtocolError("No JSON"),
        AuthenticationError("No", status=401, call="GET /"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_server_that_does_not_say_is_asked_once(
    refusal: CoderChatError,
) -> None:
    """It is taken for the newest, of which nothing is sure."""
    found, question = release(), Question(refusal)

    first = await found.find(question.ask)
    await found.find(question.ask)

    assert (first.name, first.is_certain, question.count) == ("newest", False, 1)


async def test_an_answer_that_got_lost_is_no_reason_to_give_up() -> None:
    """The call goes on, and the next one asks again."""
    found, question = release(), Question(ConnectionLostError("Lost"), "v2.33.9")

    names = [(await found.find(question.ask)).name for _ in range(3)]

    assert names == ["newest", "v2.33", "v2.33"]
    assert question.count == 2


async def test_a_server_that_is_not_there_fails_all_who_wait() -> None:
    """And is asked again when somebody calls again."""
    found = release()
    question = Question(ServerUnreachableError("Nobody"), "v2.33.9")

    waiting = [found.find(question.ask) for _ in range(3)]
    ends = await asyncio.gather(*waiting, return_exceptions=True)

    assert {type(end) for end in ends} == {ServerUnreachableError}
    assert (await found.find(question.ask)).name == "v2.33"
    assert question.count == 2


async def test_an_answer_from_before_a_move_is_not_heard() -> None:
    """It says what the server at the old address is."""
    place = Place("http://old.test", SecretStr("a-b"), use_environment=False)
    found = Release(place)
    place.address = "http://new.test"

    found.note("v2.33.9", address="http://old.test")

    assert found.version == ""
    assert found.generation is None
