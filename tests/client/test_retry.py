"""Calls are made again by themselves only where that cannot do harm."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from coderchat_jupyter.client._http import HttpxHttp
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.errors import (
    BusyError,
    CoderChatError,
    ConnectionLostError,
    NotFoundError,
    ServerUnreachableError,
)
from tests.client.test_http import Scripted, Waits

PLACE = Place("http://coder.test", SecretStr("a-b"), use_environment=False)
OK = httpx.Response(204)
LOST = httpx.ReadError("x")
REFUSED = httpx.ConnectError("x")
GATEWAY = httpx.Response(502, text="<p/>", headers={"Content-Type": "text/html"})


def gone() -> httpx.Response:
    return httpx.Response(404, json={"message": "Resource not found."})


def busy(wait: str, status: int = 429) -> httpx.Response:
    said = {"message": "Not now."}
    return httpx.Response(status, json=said, headers={"Retry-After": wait})


async def call(
    method: str, *script: Exception | httpx.Response, chance: float = 0.5
) -> tuple[CoderChatError | None, int, list[float]]:
    """What came of it, how often it was sent, and the waits between."""
    transport, waits = Scripted(*script), Waits()
    http = HttpxHttp(
        PLACE, timeout=5, sleep=waits, chance=lambda: chance, transport=transport
    )
    failure: CoderChatError | None = None
    try:
        if method == "GET":
            await http.get("/chats", returns=None)
        else:
            await http.send(method, "/chats", {"a": 1})
    except CoderChatError as error:
        failure = error
    await http.aclose()
    return failure, len(transport.requests), waits.seconds


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("cause", [LOST, GATEWAY, httpx.ReadTimeout("x"), REFUSED])
async def test_what_changes_nothing_when_done_twice_is_repeated(
    method: str, cause: Any
) -> None:
    """A setting is the same setting however often it is made."""
    failure, count, _ = await call(method, cause, OK)

    assert (failure, count) == (None, 2)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    "cause",
    [LOST, GATEWAY, httpx.ReadTimeout("x"), httpx.WriteError("x"), busy("0")],
)
async def test_what_may_have_arrived_is_not_sent_again(method: str, cause: Any) -> None:
    """A message that is sent twice is answered, and paid for, twice."""
    failure, count, _ = await call(method, cause)

    assert isinstance(failure, ConnectionLostError | BusyError)
    assert count == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "PATCH"])
async def test_what_cannot_have_arrived_is_sent_again(method: str) -> None:
    """Nobody was there to hear it."""
    failure, count, _ = await call(method, REFUSED, httpx.PoolTimeout("x"), OK)

    assert (failure, count) == (None, 3)


async def test_a_server_that_is_down_is_soon_said_to_be() -> None:
    """Two more attempts, and not a second in all."""
    failure, count, waits = await call("GET", REFUSED, REFUSED, REFUSED)

    assert type(failure) is ServerUnreachableError
    assert count == 3
    assert sum(waits) < 1


async def test_a_deletion_whose_answer_was_lost_has_succeeded() -> None:
    """The second attempt finds nothing there: that is what was wanted."""
    failure, count, _ = await call("DELETE", LOST, gone())

    assert (failure, count) == (None, 2)


async def test_a_deletion_of_what_never_was_still_fails() -> None:
    """Nothing was lost on the way: the server knows no such thing."""
    failure, _, _ = await call("DELETE", REFUSED, gone())

    assert type(failure) is NotFoundError


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked", "waited"), [("0", 0.0), ("2", 2.0), ("10", 10.0)])
async def test_a_wait_that_was_asked_for_is_taken(
    status: int, asked: str, waited: float
) -> None:
    """And not shortened by chance."""
    _, count, waits = await call("GET", busy(asked, status), OK)
    _, _, early = await call("GET", busy(asked, status), OK, chance=0.0)

    assert count == 2
    assert waits == early == [waited]


@pytest.mark.parametrize("asked", ["11", "3600", "99999999999999999999"])
async def test_a_long_wait_is_left_to_the_caller(asked: str) -> None:
    """A cell that sleeps for an hour looks broken."""
    failure, count, waits = await call("GET", busy(asked))

    assert isinstance(failure, BusyError)
    assert (count, waits) == (1, [])


async def test_waits_are_not_the_same_for_everybody() -> None:
    """All kernels lost the same server at the same moment."""
    _, _, early = await call("GET", LOST, LOST, OK, chance=0.0)
    _, _, late = await call("GET", LOST, LOST, OK, chance=1.0)

    assert early == pytest.approx([0.07, 0.28])
    assert late == pytest.approx([0.13, 0.52])


async def test_a_refusal_is_final() -> None:
    """Asking again would get the same answer."""
    failure, count, waits = await call("GET", gone())

    assert type(failure) is NotFoundError
    assert (count, waits) == (1, [])
