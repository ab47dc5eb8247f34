"""One call of ours, and whatever shape each release wants it in."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    InvalidRequestError,
    NotFoundError,
    UnsupportedError,
)
from coderchat_jupyter.wire.chats import UpdateChat
from coderchat_jupyter.wire.ids import ZERO_UUID, ModelConfigId, ProviderId
from coderchat_jupyter.wire.models import (
    CallConfig,
    CreateModelConfig,
    ModelConfig,
    UpdateModelConfig,
)
from tests.client.method_rows import AT, CHAT, ID, MESSAGE, MODEL, MODEL_BODY, OTHER
from tests.fakes.recorded_server import TOKEN, USER, Asked, RecordedServer, recorded

HOME: Final = f"/api/v2/organizations/{USER['organization_ids'][0]}"
AI_PROVIDERS: Final = "/api/v2/ai/providers"


def last(server: RecordedServer, method: str) -> Asked:
    return next(one for one in reversed(server.asked) if one.method == method)


def message(number: int) -> dict[str, Any]:
    return {**MESSAGE, "id": number}


@pytest.mark.parametrize(
    ("version", "call", "body"),
    [
        ("v2.31.0", f"POST /chats/{ID}/archive", None),
        ("v2.32.0", f"PATCH /chats/{ID}", {"archived": True}),
        ("v2.36.0", f"PATCH /chats/{ID}", {"archived": True}),
        ("", f"PATCH /chats/{ID}", {"archived": True}),
    ],
)
async def test_a_chat_is_archived_as_the_release_does_it(
    version: str, call: str, body: Any
) -> None:
    """Once it was a call of its own."""
    async with (
        recorded("v2.34.0", version=version) as server,
        Client(server.url, TOKEN) as client,
    ):
        method, path = call.split()
        server.answer(method, path, 204)

        await client.chats.archive(CHAT)

        assert (server.asked[-1].call, server.asked[-1].json) == (call, body)


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        ({}, {}),
        ({"workspace_id": None}, {"workspace_id": ZERO_UUID}),
        ({"workspace_id": ID}, {"workspace_id": ID}),
        ({"plan_mode": ""}, {"plan_mode": ""}),
        ({"labels": {}}, {"labels": {}}),
        ({"labels": {"a": "b"}}, {"labels": {"a": "b"}}),
        ({"pin_order": 0}, {"pin_order": 0}),
        ({"title": None}, {}),
    ],
    ids=str,
)
async def test_what_is_not_set_stays_and_what_is_emptied_goes(
    changes: dict[str, Any], sent: dict[str, Any]
) -> None:
    """Go tells a field that is left out from one that is empty, and so do we."""
    async with recorded() as server, Client(server.url, TOKEN) as client:
        server.answer("PATCH", f"/chats/{ID}", 204)

        await client.chats.update(CHAT, UpdateChat(**changes))

        assert server.asked[-1].json == sent


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("v2.33.9", "/chats/config/agent-model-override/general"),
        ("v2.34.0", "/chats/config/model-override/general"),
        ("v2.36.0", "/chats/config/model-override/general"),
        ("v2.38.0", f"{HOME}/chats/model-overrides/general"),
        ("v2.39.0-devel+0a1b", f"{HOME}/chats/model-overrides/general"),
        ("", "/chats/config/agent-model-override/general"),
    ],
)
async def test_an_override_is_written_under_the_name_of_the_release(
    version: str, name: str
) -> None:
    """Three names in as many months; here it is one method."""
    async with (
        recorded("none", version=version) as server,
        Client(server.url, TOKEN) as client,
    ):
        server.answer("PUT", name, 204)

        await client.settings.set_model_override("general", ID)

        assert last(server, "PUT").path == name
        assert last(server, "PUT").json == {"model_config_id": ID}


async def test_a_release_without_overrides_says_so() -> None:
    """v2.32 has them under no name."""
    async with (
        recorded("none", version="v2.32.4") as server,
        Client(server.url, TOKEN) as client,
    ):
        with pytest.raises(UnsupportedError, match=r"v2\.32\.4"):
            await client.settings.model_override("general")


async def test_an_override_is_found_among_those_of_an_organization() -> None:
    """The newest servers tell them all at once."""
    async with (
        recorded("none", version="v2.38.0") as server,
        Client(server.url, TOKEN) as client,
    ):
        chosen = {"context": "explore", "model_config_id": ID}
        server.answer(
            "GET", f"{HOME}/chats/model-overrides", 200, {"overrides": [chosen]}
        )
        await client.server.generation()

        explore = await client.settings.model_override("explore")
        general = await client.settings.model_override("general")

        assert (explore.model_config_id, general.model_config_id) == (ID, "")


@pytest.mark.parametrize(
    ("version", "given", "sent"),
    [
        ("v2.33.9", {"provider": "openai"}, {"provider": "openai"}),
        ("v2.33.9", {"ai_provider_id": ID}, {"provider": "anthropic"}),
        ("v2.34.0", {"ai_provider_id": ID}, {"ai_provider_id": ID}),
        ("v2.34.0", {"provider": "openai"}, {"ai_provider_id": OTHER}),
        ("v2.36.0", {"provider": "mine"}, {"ai_provider_id": ID}),
    ],
)
@pytest.mark.parametrize("is_known", [True, False])
async def test_a_model_names_its_provider_as_the_release_wants(
    version: str, given: dict[str, str], sent: dict[str, str], is_known: bool
) -> None:
    """By type or by id, the one looked up by the other."""
    async with (
        recorded("none", version=version) as server,
        Client(server.url, TOKEN) as client,
    ):
        server.answer("POST", "/chats/model-configs", 201, MODEL_BODY)
        if not is_known and given.keys() != sent.keys():
            # Before it has said what it is, the first try is refused.
            server.answer_once(
                "POST", "/chats/model-configs", 400, {"message": "Invalid provider."}
            )
        legacy = {"id": ID, "provider": "anthropic"}
        server.answer("GET", "/chats/providers", 200, [legacy])
        named = {"id": ID, "type": "openai", "name": "mine", "enabled": False}
        enabled = {"id": OTHER, "type": "openai", "name": "z", "enabled": True}
        server.answer("GET", AI_PROVIDERS, 200, [named, enabled])
        if is_known:
            await client.server.generation()

        await client.model_configs.create(
            CreateModelConfig.model_validate({"model": "m", **given})
        )

        assert last(server, "POST").json == {"model": "m", **sent}


async def test_a_refused_model_is_not_tried_twice_in_the_same_shape() -> None:
    """What the server refused is the model, not how its provider is named."""
    async with recorded() as server, Client(server.url, TOKEN) as client:
        server.answer("POST", "/chats/model-configs", 400, {"message": "No."})

        with pytest.raises(InvalidRequestError):
            await client.model_configs.create(
                CreateModelConfig(model="m", ai_provider_id=ProviderId(ID))
            )

        assert server.calls().count("POST /chats/model-configs") == 1


async def test_the_models_of_an_organization_are_the_models() -> None:
    """From v2.37 on, list, change and remove go there."""
    path = f"{HOME}/chats/models"
    async with (
        recorded("none", version="v2.38.0") as server,
        Client(server.url, TOKEN) as client,
    ):
        of_type = {"id": ID, "type": "openai", "enabled": True, "available": True}
        model = {"id": ID, "model": "m", "ai_provider_id": ID, "enabled": True}
        server.answer("GET", path, 200, {"models": [model], "providers": [of_type]})
        server.answer("PATCH", f"{path}/{ID}", 200, MODEL_BODY)
        server.answer("DELETE", f"{path}/{ID}", 204)
        await client.server.generation()

        configs = await client.model_configs.list()
        catalogue = await client.models.list()
        await client.model_configs.update(MODEL, UpdateModelConfig(enabled=False))
        await client.model_configs.delete(MODEL)

        assert [one.id for one in configs] == [ID]
        assert catalogue.providers[0].provider == "openai"
        assert [one.id for one in catalogue.providers[0].models] == ["openai:m"]


async def test_a_model_that_is_not_there_is_not_looked_for_elsewhere() -> None:
    """404 of an object is not 404 of a route."""
    async with recorded("v2.36.0") as server, Client(server.url, TOKEN) as client:
        server.answer(
            "DELETE", f"/chats/model-configs/{ID}", 404, {"message": "Not found."}
        )

        with pytest.raises(NotFoundError):
            await client.model_configs.delete(ModelConfigId(ID))

        assert server.calls() == [f"DELETE /chats/model-configs/{ID}"]


async def test_settings_of_a_newer_server_survive_a_read_and_a_write() -> None:
    """Whatever is not known here, at every depth."""
    config = {
        "temperature": 0.5,
        "newer": {"a": [1, None]},
        "provider_options": {"openai": {"user": "u", "novel": True}, "acme": {"x": 1}},
    }
    stored = {**MODEL_BODY, "model_config": config}
    async with recorded() as server, Client(server.url, TOKEN) as client:
        server.answer("GET", "/chats/model-configs", 200, [stored])
        server.answer("PATCH", f"/chats/model-configs/{ID}", 200, stored)
        [read] = await client.model_configs.list()
        assert isinstance(read, ModelConfig)
        assert isinstance(read.call_config, CallConfig)

        changed = read.call_config.model_copy(update={"temperature": 0.7})
        await client.model_configs.update(MODEL, UpdateModelConfig(call_config=changed))

        assert last(server, "PATCH").json == {
            "model_config": {**config, "temperature": 0.7}
        }


@pytest.mark.parametrize(
    ("asked", "ids", "has_more"),
    [
        ({"after_id": 3}, [4, 5, 6, 7, 8, 9], False),
        ({"after_id": 3, "limit": 2}, [4, 5], True),
        ({"after_id": 3, "limit": 6}, [4, 5, 6, 7, 8, 9], False),
        ({"after_id": 3, "before_id": 8}, [7, 6, 5, 4], False),
        ({"after_id": 9}, [], False),
    ],
    ids=str,
)
async def test_messages_after_an_id_come_from_servers_that_cannot_tell_them(
    asked: dict[str, int], ids: list[int], has_more: bool
) -> None:
    """v2.32 reads no `after_id`: the pages are read and cut here."""
    async with (
        recorded("none", version="v2.32.4") as server,
        Client(server.url, TOKEN) as client,
    ):
        server.serve_messages(
            f"/chats/{ID}/messages", [message(n) for n in range(1, 10)]
        )

        page = await client.messages.list(CHAT, **asked)

        assert [one.id for one in page.messages] == ids
        assert page.has_more is has_more


@pytest.mark.parametrize("numbers", [[], [9, 8]], ids=["nothing", "the same"])
async def test_a_server_that_never_ends_its_pages_is_not_asked_for_ever(
    numbers: list[int],
) -> None:
    """It says that there is more, and does not know the cursor."""
    async with (
        recorded("none", version="v2.32.4") as server,
        Client(server.url, TOKEN) as client,
    ):
        body = {"messages": [message(n) for n in numbers], "has_more": True}
        server.answer("GET", f"/chats/{ID}/messages", 200, body)

        async with asyncio.timeout(30):
            found = await client.messages.iterate(CHAT, after_id=3).all()

        assert {one.id for one in found} == set(numbers)


async def test_an_edit_that_would_keep_its_model_is_refused_here() -> None:
    """v2.33 would leave the model out without a word."""
    async with recorded("v2.33.9") as server, Client(server.url, TOKEN) as client:
        with pytest.raises(UnsupportedError, match=r"v2\.33"):
            await client.messages.edit(CHAT, 7, "Again", model_config_id=MODEL)

        assert server.calls() == []


@pytest.mark.parametrize("body", [MESSAGE, {"message": MESSAGE, "warnings": ["w"]}])
async def test_an_edit_gives_the_new_message_in_either_shape(
    body: dict[str, Any],
) -> None:
    """The oldest servers answered with the bare message."""
    async with recorded() as server, Client(server.url, TOKEN) as client:
        server.answer("PATCH", f"/chats/{ID}/messages/7", 200, body)

        edited = await client.messages.edit(CHAT, 7, "Again")

        assert edited.message.id == 7


async def test_a_chat_is_read_also_when_its_messages_come_with_it() -> None:
    """As servers of March 2026 answered."""
    chat = {"id": ID, "created_at": AT, "updated_at": AT, "last_error": None}
    async with recorded("none") as server, Client(server.url, TOKEN) as client:
        body: dict[str, Any] = {"chat": chat, "messages": None, "queued_messages": []}
        server.answer("GET", f"/chats/{ID}", 200, body)

        found = await client.chats.get(CHAT)

        assert found.id == ID


async def test_messages_that_come_with_their_chat_are_its_messages() -> None:
    """The same servers have no other way to tell them."""
    chat = {"id": ID, "created_at": AT, "updated_at": AT}
    async with (
        recorded("none", version="v2.31.0") as server,
        Client(server.url, TOKEN) as client,
    ):
        body = {"chat": chat, "messages": [message(1), message(2)]}
        server.answer("GET", f"/chats/{ID}", 200, body)
        await client.server.generation()

        found = await client.messages.iterate(CHAT).all()

        assert [one.id for one in found] == [2, 1]
