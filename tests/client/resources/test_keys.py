"""Keys of users: sent once, shown nowhere."""

from __future__ import annotations

import traceback
from typing import Final

import pytest
from pydantic import SecretStr

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import InvalidRequestError
from coderchat_jupyter.wire.ids import ProviderId
from coderchat_jupyter.wire.keys import CreateChatProvider, UpdateChatProvider
from tests.fakes.recorded_server import TOKEN, recorded

ID: Final = "00000000-0000-4000-8000-000000000001"
KEY: Final = "sk-very-secret-0123456789"


@pytest.mark.parametrize("given", [KEY, SecretStr(KEY)], ids=["text", "secret"])
async def test_a_key_is_sent_as_it_is(given: SecretStr | str) -> None:
    """To the provider and the user that it is for."""
    async with recorded() as server, Client(server.url, TOKEN) as client:
        path = f"/users/ada%20l/ai-provider-keys/{ID}"
        server.answer("PUT", path.replace("%20", " "), 200, {"provider": {"id": ID}})

        await client.keys.set(ProviderId(ID), given, user="ada l")

        assert server.asked[-1].json == {"api_key": KEY}


@pytest.mark.parametrize("call", ["set", "legacy_set"])
async def test_a_key_that_is_refused_is_in_no_error(call: str) -> None:
    """Not in its text, and not in what a debugger shows of where it came from."""
    async with recorded("v2.33.9") as server, Client(server.url, TOKEN) as client:
        server.version = ""
        for path in (
            f"/users/me/ai-provider-keys/{ID}",
            f"/chats/user-provider-configs/{ID}",
        ):
            server.answer("PUT", path, 400, {"message": f"Not a key: {KEY[:4]}"})

        with pytest.raises(InvalidRequestError) as caught:
            await getattr(client.keys, call)(ProviderId(ID), KEY)

        shown = traceback.TracebackException.from_exception(
            caught.value, capture_locals=True
        )
        # The frame of this test holds the key; those of the client do not.
        frames = [f for f in shown.stack if "coderchat_jupyter" in f.filename]
        assert frames
        assert KEY not in str(caught.value) + repr([f.locals for f in frames])


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        (UpdateChatProvider(), {}),
        (UpdateChatProvider(api_key=SecretStr("")), {"api_key": ""}),
        (UpdateChatProvider(api_key=SecretStr(KEY)), {"api_key": KEY}),
        (
            UpdateChatProvider(base_url="", enabled=False),
            {"base_url": "", "enabled": False},
        ),
    ],
    ids=["nothing", "cleared", "new", "zero values"],
)
async def test_a_key_is_kept_cleared_or_replaced(
    change: UpdateChatProvider, sent: dict[str, object]
) -> None:
    """Left out, empty, or there."""
    async with recorded("v2.33.9") as server, Client(server.url, TOKEN) as client:
        body = {"id": ID, "provider": "openai"}
        server.answer("PATCH", f"/chats/providers/{ID}", 200, body)

        await client.chat_providers.update(ProviderId(ID), change)

        assert server.asked[-1].json == sent


def test_a_provider_with_a_key_shows_none_of_it() -> None:
    """Requests are logged and printed by people who debug."""
    body = CreateChatProvider(provider="openai", api_key=SecretStr(KEY))

    assert KEY not in repr(body) + str(body) + body.model_dump_json()
