"""Who may call, by which token, and from where."""

from __future__ import annotations

import sqlite3

import httpx
import pytest
import websockets

from tests.server.world import CHATS, Person, World, text

ME = "/api/v2/users/me"


@pytest.fixture
def token(admin: Person) -> str:
    return admin.account.token.get_secret_value()


async def _ask(world: World, path: str = ME, **more: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=world.url) as http:
        return await http.get(path, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "coder_session_token={}"},
        {"Coder-Session-Token": "{}"},
        {"Authorization": "Bearer {}"},
        {"Authorization": "bearer {}"},
    ],
)
async def test_a_token_is_found_in_any_of_its_headers(
    world: World, token: str, headers: dict[str, str]
) -> None:
    filled = {name: value.format(token) for name, value in headers.items()}

    assert (await _ask(world, headers=filled)).json()["username"] == "admin"


@pytest.mark.parametrize("name", ["coder_session_token", "access_token"])
async def test_a_token_is_found_in_the_query(
    world: World, token: str, name: str
) -> None:
    """A browser cannot set headers of a WebSocket."""
    assert (await _ask(world, params={name: token})).status_code == 200


async def test_the_first_place_with_a_token_counts(world: World, token: str) -> None:
    """A good token further on does not help a bad one before it."""
    refused = await _ask(
        world,
        headers={"Coder-Session-Token": token},
        params={"coder_session_token": "bad-token"},
    )
    accepted = await _ask(
        world,
        headers={"Coder-Session-Token": token},
        params={"access_token": "bad-token"},
    )

    assert (refused.status_code, accepted.status_code) == (401, 200)


@pytest.mark.parametrize(
    "token", ["", "nohyphen", "too-many-parts", "unknownxxx-secretsecretsecret22", "-"]
)
async def test_who_is_not_signed_in_is_told_so(world: World, token: str) -> None:
    """One message for all cases; the detail says which it is."""
    answer = await _ask(world, headers={"Coder-Session-Token": token})

    body = answer.json()
    assert answer.status_code == 401
    assert "sign in again" in body["message"]
    assert body["detail"]
    assert "validations" not in body


async def test_a_right_id_with_a_wrong_secret_is_refused(
    world: World, token: str
) -> None:
    wrong = token.partition("-")[0] + "-" + "x" * 22

    answer = await _ask(world, headers={"Coder-Session-Token": wrong})

    assert answer.status_code == 401


async def test_a_stream_is_refused_before_it_opens(world: World, admin: Person) -> None:
    """With the same bodies as a call."""
    url = world.url.replace("http", "ws") + f"{CHATS}/{admin.id}/stream"
    with pytest.raises(websockets.InvalidStatus) as unknown:
        await websockets.connect(url)
    with pytest.raises(websockets.InvalidStatus) as absent:
        await websockets.connect(
            url + "?access_token=" + admin.account.token.get_secret_value()
        )

    assert unknown.value.response.status_code == 401
    assert absent.value.response.status_code == 404
    assert b"Resource not found" in (absent.value.response.body or b"")


async def test_a_chat_of_somebody_else_does_not_exist(
    admin: Person, other: Person
) -> None:
    """Not even that it is there is told."""
    chat = await admin.create()

    found = await other.call("GET", f"/chats/{chat['id']}")
    missing = await other.call("GET", f"/chats/{admin.id}")

    assert (found.status_code, found.json()) == (404, missing.json())


async def test_an_administrator_reads_every_chat_but_speaks_in_none(
    admin: Person, other: Person
) -> None:
    """A run uses the rights of its owner."""
    chat = await other.create()

    read = await admin.call("GET", f"/chats/{chat['id']}")
    sent = await admin.call("POST", f"/chats/{chat['id']}/messages", text("x"))

    assert (read.status_code, sent.status_code) == (200, 403)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chats/model-configs"),
        ("GET", "/api/v2/ai/providers"),
        ("POST", "/api/v2/ai/providers"),
    ],
)
async def test_only_administrators_configure(
    other: Person, method: str, path: str
) -> None:
    answer = await other.call(method, path, {} if method == "POST" else None)

    assert answer.status_code == 403
    assert answer.json()["message"] == "Forbidden."


async def test_pages_of_other_sites_are_refused(world: World, token: str) -> None:
    headers = {"Coder-Session-Token": token, "Origin": "https://evil.example"}

    answer = await _ask(world, headers=headers)
    own = await _ask(world, headers={**headers, "Origin": world.url})

    assert (answer.status_code, own.status_code) == (403, 200)


async def test_a_name_that_points_here_is_not_answered(
    world: World, token: str
) -> None:
    """A page may rebind its own host name to the loopback address."""
    headers = {"Coder-Session-Token": token, "Host": "evil.example"}

    assert (await _ask(world, headers=headers)).status_code == 403


async def test_neither_tokens_nor_keys_lie_in_the_file(
    world: World, admin: Person, token: str
) -> None:
    with sqlite3.connect(world.path) as database:
        dump = "\n".join(database.iterdump())
    database.close()

    assert token.partition("-")[2] not in dump
    assert "sk-puppet-0123456789" not in dump
    assert world.path.with_name("server.db.key").stat().st_mode & 0o777 == 0o600
    assert world.puppet.rows == []


async def test_a_provider_gets_its_key_in_the_clear(
    world: World, admin: Person
) -> None:
    await admin.answered()

    (row,) = world.puppet.rows

    assert row.api_key is not None
    assert row.api_key.get_secret_value() == "sk-puppet-0123456789"
    assert "sk-puppet" not in repr(row)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/chats/config/nothing"),
        ("GET", "/chats/insights"),
        ("GET", "/api/v2/workspaces"),
        ("GET", "/"),
    ],
)
async def test_what_is_not_built_is_absent(
    admin: Person, method: str, path: str
) -> None:
    """And never mistaken for the id of a chat."""
    answer = await admin.call(method, path)

    assert answer.status_code == 404
    assert answer.json() == {"message": "Route not found."}
