"""The calls of the client, against the server of this package, with its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    UnsupportedError,
)
from coderchat_jupyter.wire.chats import UpdateChat
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import FileReferenceInput, TextInput
from coderchat_jupyter.wire.models import (
    CallConfig,
    CreateModelConfig,
    UpdateModelConfig,
)
from coderchat_jupyter.wire.providers import CreateAIProvider, UpdateAIProvider
from tests.server.world import World, open_world

NOWHERE: Final = ChatId("00000000-0000-4000-8000-0000000000ff")
LINES: Final = FileReferenceInput(
    file_name="a.py", start_line=1, end_line=2, content="x = 1"
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as world:
        yield world


@pytest.fixture
async def client(world: World) -> AsyncIterator[Client]:
    async with Client(world.url, world.admin.account.token) as client:
        yield client


async def answered(world: World, client: Client, words: str = "Hi") -> ChatId:
    """A chat whose first turn is over."""
    calls = len(world.puppet.calls)
    chat = await client.chats.create(words, labels={"from": words})
    await world.puppet.asked(calls + 1)
    world.puppet.answer("Hello.")
    await world.admin.settled(chat.id)
    return chat.id


async def test_what_a_user_says_in_parts_is_stored_in_parts(
    world: World, client: Client
) -> None:
    """Texts and lines of files, in their order."""
    chat = await client.chats.create(
        ["Look", LINES, TextInput(text="Well?")], system_prompt="Be kind."
    )

    page = await client.messages.list(chat.id)

    said = page.messages[-1]
    assert [part.type for part in said.content] == ["text", "file-reference", "text"]
    world.puppet.answer("Yes.")
    await world.admin.settled(chat.id)


async def test_chats_are_found_by_label_and_by_page(
    world: World, client: Client
) -> None:
    """One at a time, the newest first, and none twice."""
    ids = [await answered(world, client, word) for word in ("one", "two", "three")]

    by_page = [chat.id async for chat in client.chats.iterate(page_size=1)]
    labelled = await client.chats.iterate(labels={"from": "two"}).all()

    assert by_page == ids[::-1]
    assert [chat.id for chat in labelled] == [ids[1]]


async def test_an_archived_chat_is_listed_among_the_archived(
    world: World, client: Client
) -> None:
    """And can be taken back."""
    chat_id = await answered(world, client)

    await client.chats.archive(chat_id)
    away = await client.chats.list(archived=True)
    left = await client.chats.list(archived=False)
    await client.chats.unarchive(chat_id)
    back = await client.chats.list()

    assert [[c.id for c in chats] for chats in (away, left, back)] == [
        [chat_id],
        [],
        [chat_id],
    ]


async def test_a_chat_that_is_archived_cannot_be_archived(
    world: World, client: Client
) -> None:
    """The server says which state it is in."""
    chat_id = await answered(world, client)
    await client.chats.archive(chat_id)

    with pytest.raises(InvalidRequestError):
        await client.chats.archive(chat_id)


async def test_title_labels_and_pin_are_changed_together(
    world: World, client: Client
) -> None:
    """What is not named stays."""
    chat_id = await answered(world, client)

    await client.chats.update(
        chat_id, UpdateChat(title="Mine", labels={"a": "b"}, pin_order=1)
    )

    chat = await client.chats.get(chat_id)
    assert (chat.title, dict(chat.labels), chat.pin_order) == ("Mine", {"a": "b"}, 1)
    assert chat.plan_mode == ""


async def test_a_message_said_again_takes_the_place_of_what_followed(
    world: World, client: Client
) -> None:
    """Under a new id; the prompts know only the new words."""
    chat_id = await answered(world, client, "First")
    stored = await client.messages.iterate(chat_id, page_size=1).all()
    calls = len(world.puppet.calls)

    edited = await client.messages.edit(chat_id, stored[-1].id, "Second")
    await world.puppet.asked(calls + 1)
    world.puppet.answer("Again.")
    await world.admin.settled(chat_id)

    prompts = await client.messages.prompts(chat_id)
    assert edited.message.id > stored[0].id
    assert [prompt.text for prompt in prompts] == ["Second"]


async def test_newer_messages_are_told_in_the_order_they_came(
    world: World, client: Client
) -> None:
    """What a client that polls asks for."""
    chat_id = await answered(world, client)
    first = (await client.messages.list(chat_id)).messages[-1].id

    newer = await client.messages.list(chat_id, after_id=first)

    assert [message.role for message in newer.messages] == ["assistant"]


async def test_a_queued_message_can_be_taken_back_or_sent_ahead(
    world: World, client: Client
) -> None:
    """While the turn before it runs."""
    chat = await client.chats.create("Go on")
    await world.puppet.asked(1)
    for words in ("one", "two"):
        sent = await client.messages.send(chat.id, words)
        assert sent.queued
    one, two = (await client.messages.list(chat.id)).queued_messages

    await client.queue.delete(chat.id, one.id)
    await client.queue.promote(chat.id, two.id)
    await world.puppet.asked(2)
    world.puppet.answer("Done.")
    await world.admin.settled(chat.id)

    history = await world.admin.history(chat.id)
    assert [words for role, words in history if role == "user"] == ["Go on", "two"]


async def test_a_chat_of_somebody_else_is_not_there(
    world: World, client: Client
) -> None:
    """The same answer as for one that never was."""
    chat_id = await answered(world, client)
    async with Client(world.url, world.other.account.token) as stranger:
        for found in (chat_id, NOWHERE):
            with pytest.raises(NotFoundError):
                await stranger.chats.get(found)


async def test_a_model_is_set_up_by_the_type_of_its_provider(
    world: World, client: Client
) -> None:
    """As it is on servers before v2.34; its settings are changed one by one."""
    made = await client.model_configs.create(
        CreateModelConfig(
            provider="openai-compat",
            model="puppet-2",
            context_limit=1000,
            call_config=CallConfig(temperature=0.5, max_output_tokens=100),
        )
    )
    assert made.call_config is not None
    change = made.call_config.model_copy(update={"temperature": 0.7})

    changed = await client.model_configs.update(
        made.id, UpdateModelConfig(call_config=change, display_name="Two")
    )
    catalogue = await client.models.list()
    await client.model_configs.delete(made.id)

    assert made.ai_provider_id == world.provider
    assert changed.call_config is not None
    assert changed.call_config.temperature == 0.7
    assert changed.call_config.max_output_tokens == 100
    names = [m.display_name for p in catalogue.providers for m in p.models]
    assert sorted(names) == ["Puppet One", "Two"]
    left = await client.model_configs.list()
    assert [one.id for one in left] == [world.model]


async def test_a_provider_is_found_by_its_id_and_by_its_name(client: Client) -> None:
    """Whichever is at hand."""
    made = await client.providers.create(
        CreateAIProvider(type="openai", name="mine", base_url="http://127.0.0.1:1/v1")
    )

    by_id = await client.providers.get(made.id)
    changed = await client.providers.update("mine", UpdateAIProvider(enabled=False))
    await client.providers.delete("mine")

    assert by_id.name == "mine"
    assert not changed.enabled
    with pytest.raises(NotFoundError):
        await client.providers.get(made.id)


async def test_a_name_that_is_taken_is_a_conflict(client: Client) -> None:
    """Names are what providers are known by."""
    body = CreateAIProvider(
        type="openai", name="puppet", base_url="http://127.0.0.1:1/v1"
    )

    with pytest.raises(ConflictError):
        await client.providers.create(body)


async def test_our_server_is_known_by_its_version(client: Client) -> None:
    """It speaks v2.34, and some of what came later: nothing is refused unasked."""
    found = await client.server.generation()

    assert (found.name, found.is_certain) == ("v2.34", False)


async def test_the_providers_of_older_servers_are_told_to_be_gone(
    client: Client,
) -> None:
    """With what took their place."""
    with pytest.raises(UnsupportedError, match=r"v2\.34\.0\+coderchat") as caught:
        await client.chat_providers.list()

    assert "client.providers" in caught.value.replacement


async def test_a_model_that_is_no_model_is_refused(client: Client) -> None:
    """Nothing is made."""
    with pytest.raises(InvalidRequestError):
        await client.chats.create("Hi", model_config_id=ModelConfigId(NOWHERE))

    assert await client.chats.list() == ()
