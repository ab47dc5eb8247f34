"""Every method of the older Go client: ours, called on a real server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    UnsupportedError,
)
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.events import MessageEvent
from coderchat_jupyter.wire.ids import ZERO_UUID
from coderchat_jupyter.wire.keys import CreateChatProvider, UpdateChatProvider
from coderchat_jupyter.wire.models import (
    CallConfig,
    CreateModelConfig,
    UpdateModelConfig,
)

__all__ = ["DRIVEN"]

Drive = Callable[[Client], Awaitable[None]]


async def settled(client: Client) -> Chat:
    """A chat that has answered."""
    made = await client.chats.create("Hello")
    async with client.chats.stream(made.id) as batches:
        async for batch in batches:
            for event in batch:
                if isinstance(event, MessageEvent) and (
                    event.message.role == "assistant"
                ):
                    return made
    raise AssertionError("the stream ended")


async def list_chats(client: Client) -> None:
    kept = await client.chats.create("kept")
    gone = await client.chats.create("gone")
    await client.chats.archive(gone.id)
    found = {
        archived: {chat.id for chat in await client.chats.list(archived=archived)}
        for archived in (None, True, False)
    }
    assert {kept.id, gone.id} <= found[None]
    assert gone.id in found[True] and kept.id not in found[True]
    assert kept.id in found[False] and gone.id not in found[False]


async def create_chat(client: Client) -> None:
    made = await client.chats.create("  What is   this?  ")
    assert (made.title, made.root_chat_id) == ("What is this?", None)
    with pytest.raises(InvalidRequestError):
        await client.chats.create(" ")


async def get_chat(client: Client) -> None:
    made = await settled(client)
    assert (await client.chats.get(made.id)).id == made.id
    page = await client.messages.list(made.id)
    assert [one.role for one in page.messages] == ["assistant", "user"]


async def stream_chat(client: Client) -> None:
    await settled(client)


async def archive_chat(client: Client) -> None:
    made = await client.chats.create("Hello")
    await client.chats.archive(made.id)
    assert (await client.chats.get(made.id)).archived
    with pytest.raises(InvalidRequestError):
        await client.chats.archive(made.id)


async def unarchive_chat(client: Client) -> None:
    made = await client.chats.create("Hello")
    with pytest.raises(InvalidRequestError):
        await client.chats.unarchive(made.id)
    await client.chats.archive(made.id)
    await client.chats.unarchive(made.id)
    assert not (await client.chats.get(made.id)).archived


async def send(client: Client) -> None:
    made = await client.chats.create("#long")
    sent = await client.messages.send(made.id, "And then?")
    assert (sent.queued, sent.message) == (True, None)
    page = await client.messages.list(made.id)
    assert [one.id for one in page.queued_messages] == [sent.queued_message.id]  # type: ignore[union-attr]
    await client.chats.archive(made.id)
    with pytest.raises(InvalidRequestError):
        await client.messages.send(made.id, "Still there?")


async def edit(client: Client) -> None:
    made = await settled(client)
    first = (await client.messages.list(made.id)).messages[-1]
    edited = await client.messages.edit(made.id, first.id, "Again")
    assert edited.message.id > first.id
    ids = [one.id for one in (await client.messages.list(made.id)).messages]
    assert edited.message.id in ids and first.id not in ids
    with pytest.raises(NotFoundError):
        await client.messages.edit(made.id, first.id, "And again")


async def interrupt(client: Client) -> None:
    made = await client.chats.create("#long")
    stopped = await client.chats.interrupt(made.id)
    assert stopped.id == made.id


async def no_diff(client: Client) -> None:
    made = await client.chats.create("Hello")
    assert (await client.diffs.contents(made.id)).diff == ""


async def no_diff_status(client: Client) -> None:
    made = await client.chats.create("Hello")
    told = await client.diffs.status(made.id)
    assert (told.chat_id, told.url, told.changed_files) == (made.id, None, 0)


async def no_git_changes(client: Client) -> None:
    made = await client.chats.create("Hello")
    with pytest.raises(UnsupportedError):
        await client.diffs.git_changes(made.id)


async def list_models(client: Client) -> None:
    found = {one.provider: one for one in (await client.models.list()).providers}
    assert found["scripted"].available
    assert found["scripted"].models


async def list_providers(client: Client) -> None:
    found = {one.provider: one for one in await client.chat_providers.list()}
    assert next(iter(found)) == "anthropic"
    vercel = found["vercel"]
    assert (vercel.id, vercel.source, vercel.enabled) == (ZERO_UUID, "supported", False)
    assert found["scripted"].source == "database"


async def create_provider(client: Client) -> None:
    body = CreateChatProvider.model_validate({"provider": "openai", "api_key": "sk-1"})
    made = await client.chat_providers.create(body)
    assert (made.display_name, made.has_api_key, made.base_url) == ("OpenAI", True, "")
    with pytest.raises(ConflictError):
        await client.chat_providers.create(body)
    for wrong in ({"provider": "acme"}, {"provider": "google", "base_url": "x"}):
        with pytest.raises(InvalidRequestError):
            await client.chat_providers.create(CreateChatProvider(**wrong))


async def update_provider(client: Client) -> None:
    made = await client.chat_providers.create(
        CreateChatProvider.model_validate({"provider": "anthropic", "api_key": "sk-1"})
    )
    change = {"display_name": "Mine", "api_key": "", "base_url": "http://127.0.0.1:9"}
    told = await client.chat_providers.update(
        made.id, UpdateChatProvider.model_validate({**change, "enabled": False})
    )
    assert (told.display_name, told.has_api_key) == ("Mine", False)
    assert (told.base_url, told.enabled) == ("http://127.0.0.1:9", False)


async def delete_provider(client: Client) -> None:
    made = await client.chat_providers.create(CreateChatProvider(provider="vercel"))
    model = await client.model_configs.create(
        CreateModelConfig(provider="vercel", model="m", context_limit=1000)
    )
    await client.chat_providers.delete(made.id)
    assert model.id not in {one.id for one in await client.model_configs.list()}
    with pytest.raises(NotFoundError):
        await client.chat_providers.delete(made.id)


async def list_configs(client: Client) -> None:
    (default,) = (one for one in await client.model_configs.list() if one.is_default)
    assert (default.provider, default.ai_provider_id) == ("scripted", None)


async def create_config(client: Client) -> None:
    made = await client.model_configs.create(
        CreateModelConfig(
            provider="scripted",
            model="second",
            context_limit=1000,
            call_config=CallConfig(temperature=0.5),
        )
    )
    assert (made.provider, made.compression_threshold) == ("scripted", 70)
    assert made.call_config == CallConfig(temperature=0.5)


async def update_config(client: Client) -> None:
    made = await client.model_configs.create(
        CreateModelConfig(provider="scripted", model="third", context_limit=1000)
    )
    told = await client.model_configs.update(
        made.id, UpdateModelConfig(provider="scripted", enabled=False)
    )
    assert (told.id, told.model, told.enabled) == (made.id, "third", False)


async def delete_config(client: Client) -> None:
    made = await client.model_configs.create(
        CreateModelConfig(provider="scripted", model="fourth", context_limit=1000)
    )
    await client.model_configs.delete(made.id)
    assert made.id not in {one.id for one in await client.model_configs.list()}


DRIVEN: Final[dict[str, Drive]] = {
    "ListChats": list_chats,
    "ListChatModels": list_models,
    "ListChatProviders": list_providers,
    "CreateChatProvider": create_provider,
    "UpdateChatProvider": update_provider,
    "DeleteChatProvider": delete_provider,
    "ListChatModelConfigs": list_configs,
    "CreateChatModelConfig": create_config,
    "UpdateChatModelConfig": update_config,
    "DeleteChatModelConfig": delete_config,
    "CreateChat": create_chat,
    "StreamChat": stream_chat,
    "GetChat": get_chat,
    "ArchiveChat": archive_chat,
    "UnarchiveChat": unarchive_chat,
    "CreateChatMessage": send,
    "EditChatMessage": edit,
    "InterruptChat": interrupt,
    "GetChatGitChanges": no_git_changes,
    "GetChatDiffStatus": no_diff_status,
    "GetChatDiffContents": no_diff,
}
