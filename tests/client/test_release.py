"""Which release answers: found once, heeded by every call, told when one is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    ServerUnreachableError,
    UnsupportedError,
)
from coderchat_jupyter.wire.ids import ChatId, OrganizationId
from tests.client.method_rows import CHAT, CHAT_BODY, ID
from tests.fakes.recorded_server import TOKEN, RecordedServer, recorded

EXPERIMENTAL: Final = "/api/experimental"
STABLE: Final = "/api/v2"
BUILD_INFO: Final = "GET /api/v2/buildinfo"
MISSING: Final = {
    "message": "Resource not found or you do not have access to this resource"
}

Call = Callable[[Client], Awaitable[Any]]


CALLS: Final[dict[str, Call]] = {
    "sharing": lambda c: c.sharing.get(CHAT),
    "prompts": lambda c: c.messages.prompts(CHAT),
    "keys": lambda c: c.keys.list(),
    "legacy keys": lambda c: c.keys.legacy_list(),
    "providers": lambda c: c.providers.list(),
    "chat providers": lambda c: c.chat_providers.list(),
    "compact": lambda c: c.chats.compact(CHAT),
    "cost of a chat": lambda c: c.costs.chat(CHAT),
    "insights": lambda c: c.insights.pull_requests(),
    "desktop": lambda c: c.settings.desktop_enabled(),
    "advisor": lambda c: c.settings.advisor(),
}


def probes(server: RecordedServer) -> int:
    return sum(one.call == BUILD_INFO for one in server.asked)


async def refused(server: RecordedServer, call: str) -> UnsupportedError:
    async with Client(server.url, TOKEN) as client:
        with pytest.raises(UnsupportedError) as caught:
            await CALLS[call](client)
    return caught.value


async def test_many_who_wait_ask_once() -> None:
    """However many calls begin at the same time."""
    async with recorded("v2.36.0") as server, Client(server.url, TOKEN) as client:
        server.hold()
        asking = [asyncio.create_task(client.server.generation()) for _ in range(8)]
        async with asyncio.timeout(20):
            while not server.asked:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        server.release()

        found = await asyncio.gather(*asking)

        assert {one.name for one in found} == {"v2.36"}
        assert probes(server) == 1


async def test_whoever_stops_waiting_does_not_stop_the_others() -> None:
    """Also when it was the one who asked."""
    async with recorded("v2.36.0") as server, Client(server.url, TOKEN) as client:
        server.hold()
        first = asyncio.create_task(client.server.generation())
        async with asyncio.timeout(20):
            while not server.asked:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        second, third = (
            asyncio.create_task(client.server.generation()) for _ in range(2)
        )
        await asyncio.sleep(0)
        second.cancel()
        first.cancel()
        server.release()

        assert (await third).name == "v2.36"

        assert {
            type(e) for e in await asyncio.gather(first, second, return_exceptions=True)
        } == {asyncio.CancelledError}


async def test_an_answer_that_names_the_release_spares_the_question() -> None:
    """Every answer of a real server does, in a header."""
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        await client.chats.list()

        found = await client.server.generation()

        assert found.name == "v2.34"
        assert probes(server) == 0


async def test_a_server_that_hides_what_it_is_works_all_the_same() -> None:
    """It is asked once, and then taken for the newest."""
    async with (
        recorded("v2.34.0", version="") as server,
        Client(server.url, TOKEN) as client,
    ):
        found = await client.server.generation()
        chats = await client.chats.list()
        override = await client.settings.model_override("general")
        await client.server.generation()

        assert (found.name, found.is_certain) == ("newest", False)
        assert len(chats) > 0
        assert override.context == "general"
        assert probes(server) == 1


async def test_a_question_that_got_lost_is_asked_again_by_the_next_call() -> None:
    """A server that is down says nothing about what it is."""
    async with recorded("v2.33.9") as server:
        client = Client("http://127.0.0.1:1", TOKEN)
        with pytest.raises(ServerUnreachableError):
            await client.server.generation()

        client.move(server.url, TOKEN)

        assert (await client.server.generation()).name == "v2.33"
        await client.aclose()


async def test_a_client_that_moved_forgets_what_it_knew() -> None:
    """The server at the other address may be of another release."""
    async with (
        recorded("v2.33.9") as older,
        recorded("v2.36.0") as newer,
        Client(older.url, TOKEN) as client,
    ):
        before = await client.server.generation()

        client.move(newer.url, TOKEN)

        assert before.name == "v2.33"
        assert (await client.server.generation()).name == "v2.36"


async def test_a_server_that_was_upgraded_is_known_by_its_next_answer() -> None:
    """Without asking: its answers name the new release."""
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        await client.chats.list()
        server.version = "v2.36.0+2b3c4d5"
        await client.chats.list()

        assert (await client.server.generation()).name == "v2.36"


@pytest.mark.parametrize(
    ("release", "call", "instead"),
    [
        ("v2.33.9", "sharing", ""),
        ("v2.33.9", "prompts", ""),
        ("v2.33.9", "keys", "user-provider-configs"),
        ("v2.33.9", "providers", "client.chat_providers"),
        ("v2.34.0", "chat providers", "client.providers"),
        ("v2.34.0", "legacy keys", "client.keys"),
        ("v2.34.0", "compact", ""),
        ("v2.34.0", "cost of a chat", "cost/{user}/summary"),
        ("v2.36.0", "insights", "diff_status"),
        ("v2.36.0", "desktop", ""),
    ],
)
async def test_what_a_release_lacks_is_said_without_asking_it(
    release: str, call: str, instead: str
) -> None:
    """With the release and what to use in place of it."""
    async with recorded(release) as server, Client(server.url, TOKEN) as client:
        await client.server.generation()

        with pytest.raises(UnsupportedError) as caught:
            await CALLS[call](client)

        assert server.calls() == []
    assert caught.value.server_version == f"{release}+1a2b3c4"
    assert release in str(caught.value)
    assert instead in caught.value.replacement
    assert (instead in str(caught.value)) is True


@pytest.mark.parametrize(
    ("status", "body", "call"),
    [
        (404, {"message": "Route not found."}, "prompts"),
        (404, {}, "chat providers"),
        (410, {"message": "Gone."}, "chat providers"),
        (405, {"message": "Method not allowed."}, "compact"),
        (
            400,
            {"message": 'Invalid UUID "insights".', "detail": "invalid UUID length: 8"},
            "insights",
        ),
        (
            403,
            {
                "message": "Chat Advisor functionality requires enabling the "
                "'chat-advisor' experiment."
            },
            "advisor",
        ),
    ],
)
async def test_what_a_server_turns_out_to_lack_is_said_so(
    status: int, body: dict[str, str], call: str
) -> None:
    """Whatever way it has of saying it, and whatever it calls itself."""
    async with recorded("none", version="v2.36.0-devel+0a1b2c3") as server:
        for method, path in (
            ("GET", f"/chats/{ID}/prompts"),
            ("GET", "/chats/providers"),
            ("POST", f"/chats/{ID}/compact"),
            ("GET", "/chats/insights/pull-requests"),
            ("GET", "/chats/config/advisor"),
        ):
            server.answer(method, path, status, body)

        error = await refused(server, call)

    assert error.status == status
    assert error.server_version == "v2.36.0-devel+0a1b2c3"


async def test_the_release_is_asked_for_when_only_it_is_missing() -> None:
    """A gateway may take the header away."""
    async with recorded("v2.34.0", version="") as server:
        server.answer("GET", "/api/v2/buildinfo", 200, {"version": "v2.34.0+gate"})

        error = await refused(server, "chat providers")

    assert error.server_version == "v2.34.0+gate"
    assert "client.providers" in str(error)


async def test_a_missing_experiment_is_named() -> None:
    """An admin can switch it on; another call would not help."""
    async with recorded("v2.36.0") as server:
        error = await refused(server, "advisor")

    assert "'chat-advisor'" in str(error)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, MISSING, NotFoundError),
        (404, {"message": "Chat message not found."}, NotFoundError),
        (400, {"message": f'Invalid UUID "{ID}".'}, InvalidRequestError),
        (400, {"message": 'Invalid UUID "insights".'}, InvalidRequestError),
        (403, {"message": "Forbidden."}, ForbiddenError),
        (403, {"message": "Experimental users only."}, ForbiddenError),
    ],
)
async def test_a_chat_that_is_not_there_is_no_missing_call(
    status: int, body: dict[str, str], expected: type[Exception]
) -> None:
    """The server has the call, but not the chat, or not for the caller."""
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        server.answer("GET", f"/chats/{ID}", status, body)

        with pytest.raises(expected) as caught:
            await client.chats.get(CHAT)

    assert not isinstance(caught.value, UnsupportedError)


async def test_no_id_of_a_caller_is_taken_for_a_missing_call() -> None:
    """A server quotes what is no id, as it quotes the name of a removed route."""
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        body = {"message": 'Invalid UUID "not-a-uuid".'}
        server.answer("GET", "/chats/not-a-uuid/messages", 400, body)

        with pytest.raises(InvalidRequestError):
            await client.messages.list(ChatId("not-a-uuid"))


@pytest.mark.parametrize("version", ["v2.38.1", "v2.37.0", "v2.39.0-devel+1", ""])
async def test_the_tree_is_found_where_newer_servers_have_it(version: str) -> None:
    """Without another request once it is found."""
    async with (
        recorded("v2.36.0", version=version, bases=(STABLE,)) as server,
        Client(server.url, TOKEN) as client,
    ):
        await client.chats.list()
        first = len(server.calls())

        await client.chats.list()

        assert [one.base for one in server.asked[first:]] == [STABLE]


async def test_a_newer_server_that_did_not_move_its_tree_is_understood() -> None:
    """A development build may be from before the move."""
    async with (
        recorded("v2.36.0", version="v2.37.0-devel+0a1b2c3") as server,
        Client(server.url, TOKEN) as client,
    ):
        await client.server.generation()
        await client.chats.list()
        await client.chats.list()

        assert [one.base for one in server.asked[-2:]] == [EXPERIMENTAL] * 2


async def test_a_message_is_sent_once_also_to_a_tree_that_moved() -> None:
    """The first try finds no route, so it does nothing."""
    async with (
        recorded("v2.36.0", version="v2.38.0", bases=(STABLE,)) as server,
        Client(server.url, TOKEN) as client,
    ):
        server.answer("POST", "/chats", 201, CHAT_BODY)

        await client.chats.create("Hi", organization_id=OrganizationId(ID))

        made = [one for one in server.asked if one.path == "/chats"]
        assert [(one.method, one.base) for one in made] == [("POST", STABLE)]


async def test_what_stayed_behind_is_asked_where_it_stayed() -> None:
    """The newest servers have debug runs only under the experimental tree."""
    async with (
        recorded("v2.36.0", version="v2.38.0", bases=(STABLE, EXPERIMENTAL)) as server,
        Client(server.url, TOKEN) as client,
    ):
        server.answer("GET", f"/chats/{ID}/debug/runs", 200, [])
        await client.chats.list()

        await client.debug.runs(CHAT)

        assert [one.base for one in server.asked if "debug" in one.path] == [
            EXPERIMENTAL
        ]


async def test_a_stream_is_found_where_the_tree_moved_to() -> None:
    """A refused upgrade says the same as a refused call."""
    async with (
        recorded("v2.36.0", version="v2.38.0", bases=(STABLE,)) as server,
        Client(server.url, TOKEN) as client,
    ):
        server.answer("GET", f"/chats/{ID}/stream", 200, [])

        async with client.chats.stream(CHAT) as events:
            assert [batch async for batch in events] == []

        assert server.asked[-1].base == STABLE
