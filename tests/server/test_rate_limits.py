"""How many requests somebody may make, and what the next one is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets

from coderchat_jupyter.cli import main
from coderchat_jupyter.client import Client
from coderchat_jupyter.server import rate_limits
from coderchat_jupyter.server.rate_limits import RequestCounter
from tests.server.world import CHATS, World, open_world


@pytest.fixture
async def narrow(tmp_path: Path) -> AsyncIterator[World]:
    """A server that lets everybody make five requests a minute, two with files."""
    async with open_world(tmp_path, api_rate_limit=5, files_rate_limit=2) as world:
        yield world


async def _statuses(http: httpx.AsyncClient, path: str, times: int) -> list[int]:
    return [(await http.get(path)).status_code for _ in range(times)]


async def test_the_next_request_is_told_when_to_come_again(narrow: World) -> None:
    """In JSON, as every refusal; the health of the server may always be asked."""
    http = narrow.admin.http

    allowed = await _statuses(http, "/api/v2/users/me", 5)
    refused = await http.get(CHATS)
    healthy = await http.get("/healthz")

    assert allowed == [200] * 5
    assert (refused.status_code, list(refused.json())) == (429, ["message"])
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["content-type"] == "application/json; charset=utf-8"
    assert refused.headers["x-coder-build-version"]
    assert healthy.status_code == 200


async def test_one_who_makes_too_many_requests_stops_nobody_else(
    narrow: World,
) -> None:
    """Users count apart, and so do addresses that are not signed in."""
    many = await _statuses(narrow.admin.http, "/api/v2/users/me", 6)
    another = await _statuses(narrow.other.http, "/api/v2/users/me", 1)
    async with httpx.AsyncClient(base_url=narrow.url) as nobody:
        unknown = await _statuses(nobody, "/api/v2/users/me", 6)

    assert many == [200] * 5 + [429]
    assert another == [200]
    assert unknown == [401] * 5 + [429]


async def test_files_have_a_limit_of_their_own(narrow: World) -> None:
    """What it refuses does not count for the other one."""
    files = f"{CHATS}/files/x"

    first = await _statuses(narrow.other.http, files, 4)
    rest = await _statuses(narrow.other.http, "/api/v2/users/me", 4)

    assert first == [400, 400, 429, 429]
    assert rest == [200] * 3 + [429]


async def test_a_socket_is_a_request_too(narrow: World) -> None:
    """Refused before there is one."""
    http = narrow.admin.http
    await _statuses(http, "/api/v2/users/me", 5)
    address = f"{narrow.url.replace('http', 'ws', 1)}{CHATS}/watch"
    token = narrow.admin.account.token.get_secret_value()

    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(
            address, additional_headers={"Coder-Session-Token": token}
        ):
            pass

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["retry-after"]


async def test_our_client_comes_again_when_it_may(
    narrow: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, if the call may be repeated and the wait is short."""
    monkeypatch.setattr(rate_limits, "_WINDOW_SECONDS", 1.0)
    async with Client(narrow.url, narrow.other.account.token) as client:
        names = [(await client.users.me()).username for _ in range(9)]

    assert names == ["other"] * 9


def test_a_minute_slides() -> None:
    """What was refused does not count, so that one who waits is let in again."""
    now = [0.0]
    counter = RequestCounter(2, lambda: now[0])

    def at(moment: float) -> float:
        now[0] = moment
        return counter.seconds_to_wait("me")

    waits = [at(moment) for moment in (0, 30, 40, 59, 60, 61, 90, 91)]

    assert waits == [0, 0, 20, 1, 0, 29, 0, 29]


def test_callers_that_are_quiet_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And any number of them at once costs no more memory than some."""
    monkeypatch.setattr(rate_limits, "_MAX_CALLERS", 3)
    now = [0.0]
    counter = RequestCounter(1, lambda: now[0])
    for name in ("a", "b"):
        counter.seconds_to_wait(name)
    now[0] = 61
    for name in ("c", "d"):
        counter.seconds_to_wait(name)

    kept = [counter.seconds_to_wait(name) > 0 for name in ("c", "d")]
    for number in range(10):
        counter.seconds_to_wait(str(number))

    assert kept == [True, True]
    assert len(counter._times) <= 3


@pytest.mark.parametrize("number", ["-1", "x", "1.5", ""])
def test_a_limit_that_is_no_number_is_refused(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["serve", f"--api-rate-limit={number}"])

    assert "is no number of requests" in capsys.readouterr().err
