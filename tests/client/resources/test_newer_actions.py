"""What only newer releases can do with a chat: the call as it goes out, and its answer.

One row each for what PROTOCOL.md 10 says of it: the method, the path, no body, and the
chat as it is afterwards.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ConflictError, NotFoundError, UnsupportedError
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.ids import ChatId
from tests.fakes.recorded_server import TOKEN, recorded
from tests.wire.contract import contract

Act = Callable[[Client, ChatId], Awaitable[Chat]]

CHAT: Final = ChatId("4a4f3cf4-6c3c-4c0c-9b53-0f3d4d0f7a10")
OLD: Final = "/api/experimental"
NEW: Final = "/api/v2"

# Who does it; method and end of the path; the release it came with, the one before,
# and where that has the tree; what the chat is afterwards.
ACTS: Final[list[Any]] = [
    pytest.param(
        lambda client, chat: client.chats.compact(chat),
        ("POST", "compact"),
        ("v2.36.0", "v2.35.3", OLD),
        {"status": "running"},
        id="compact",
    ),
    pytest.param(
        lambda client, chat: client.chats.clear(chat),
        ("POST", "clear"),
        ("v2.37.0", "v2.36.0", NEW),
        {"status": "waiting"},
        id="clear",
    ),
    pytest.param(
        lambda client, chat: client.chats.reconcile_invalid(chat),
        ("POST", "reconcile-invalid"),
        ("v2.35.0", "v2.34.0", OLD),
        {"status": "error", "last_error": {"message": "stuck", "retryable": False}},
        id="reconcile_invalid",
    ),
    pytest.param(
        lambda client, chat: client.chats.refresh_context(chat),
        ("PUT", "context"),
        ("v2.35.0", "v2.34.0", OLD),
        {"context": {"dirty": False, "resources": [{"path": "AGENTS.md"}]}},
        id="refresh_context",
    ),
]
each = pytest.mark.parametrize(("act", "call", "releases", "after"), ACTS)


def body(after: dict[str, Any]) -> dict[str, Any]:
    """A chat as these releases write one."""
    chat: dict[str, Any] = contract("g1").sample("Chat", "full")
    chat |= {"id": CHAT, "last_error": None}
    return chat | {"shared": False, "summary": None} | after


@each
async def test_it_is_one_call_without_a_body_that_gives_the_chat(
    act: Act, call: tuple[str, str], releases: tuple[str, str, str], after: Any
) -> None:
    """And the chat is read whole, with what only these releases tell of one."""
    method, name = call
    release, _, base = releases
    async with (
        recorded(release, version=release, bases=(base,)) as server,
        Client(server.url, TOKEN) as client,
    ):
        server.answer(method, f"/chats/{CHAT}/{name}", 200, body(after))
        await client.server.generation()

        chat = await act(client, CHAT)

    asked = server.asked[-1]
    assert (asked.call, asked.base) == (f"{method} /chats/{CHAT}/{name}", base)
    assert (asked.query, asked.body) == ([], b"")
    assert asked.headers["coder-session-token"] == TOKEN
    assert encode(chat, only_set=True) == body(after)
    assert len(server.calls()) == 1


@each
async def test_a_refusal_is_the_error_that_it_says_to_raise(
    act: Act, call: tuple[str, str], releases: tuple[str, str, str], after: Any
) -> None:
    """Busy or not there: two errors, and neither call is made again."""
    method, name = call
    path = f"/chats/{CHAT}/{name}"
    async with (
        recorded(releases[0], version=releases[0], bases=(releases[2],)) as server,
        Client(server.url, TOKEN) as client,
    ):
        await client.server.generation()
        server.answer(method, path, 409, {"message": "No.", "detail": "from state R0"})
        with pytest.raises(ConflictError, match="No\\.") as busy:
            await act(client, CHAT)
        server.answer(method, path, 404, {"message": "Chat not found."})
        with pytest.raises(NotFoundError):
            await act(client, CHAT)

    assert busy.value.detail == "from state R0"
    assert server.calls() == [f"{method} {path}"] * 2


@each
async def test_the_release_before_is_named_and_not_asked(
    act: Act, call: tuple[str, str], releases: tuple[str, str, str], after: Any
) -> None:
    """It is known for certain that it has no such call."""
    async with (
        recorded(releases[1], version=releases[1]) as server,
        Client(server.url, TOKEN) as client,
    ):
        await client.server.generation()
        with pytest.raises(UnsupportedError) as missing:
            await act(client, CHAT)

    assert missing.value.server_version == releases[1]
    assert server.calls() == []
