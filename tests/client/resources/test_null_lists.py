"""Go writes null for a list that was never made; to a caller it is an empty one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.ids import ChatId
from tests.fakes.recorded_server import TOKEN, recorded

CHAT: Final = ChatId("4a4f3cf4-6c3c-4c0c-9b53-0f3d4d0f7a10")

LISTS: Final[dict[str, Callable[[Client], Awaitable[Any]]]] = {
    "/chats": lambda client: client.chats.list(),
    "/chats/model-configs": lambda client: client.model_configs.list(),
    "/api/v2/ai/providers": lambda client: client.providers.list(),
    "/users/me/ai-provider-keys": lambda client: client.keys.list(),
    f"/chats/{CHAT}/debug/runs": lambda client: client.debug.runs(CHAT),
}


@pytest.mark.parametrize("path", sorted(LISTS))
async def test_a_list_that_is_null_is_empty(path: str) -> None:
    """Whoever counts or loops need not ask whether there is one."""
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        server.answer("GET", path, body=None)

        assert await LISTS[path](client) == ()
