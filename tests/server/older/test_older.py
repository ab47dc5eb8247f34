"""`coderchat serve --speak g0`, as the older client meets it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from coderchat_jupyter.cli import main
from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import UnsupportedError
from tests.fakes.postgres import Postgres
from tests.fakes.real_server import RealServer
from tests.server.older.driven import DRIVEN

CONTRACT: Final = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "contract" / "g0.json").read_text()
)
SCRIPTS: Final[dict[str, Any]] = {
    "default": [[{"text": "Hi."}]],
    "long": [[{"text": "w{i} ", "repeat": 100_000, "delay_ms": 20}]],
}
CHATS: Final = "/api/experimental/chats"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealServer]:
    folder = tmp_path_factory.mktemp("older")
    flags = ["--speak", "g0"]
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        flags += ["--database", postgres.make("older_api")]
        flags += ["--key-file", str(folder / "key")]
    server = RealServer(folder, SCRIPTS)
    server.start(*flags)
    yield server
    server.stop()
    if request.param == "postgres":
        postgres.drop("older_api")


@pytest.fixture
async def client(server: RealServer) -> AsyncIterator[Client]:
    async with Client(server.url, server.token) as client:
        # What a call may say depends on it.
        assert (await client.server.generation()).name == "early"
        yield client


@pytest.fixture
def bare(server: RealServer) -> Iterator[httpx.Client]:
    """A client that knows nothing of ours."""
    headers = {"Coder-Session-Token": server.token}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
        yield http


def test_every_method_of_the_older_client_is_driven() -> None:
    assert set(DRIVEN) == {one["name"] for one in CONTRACT["methods"]}


@pytest.mark.parametrize("name", DRIVEN)
async def test_the_older_methods_have_a_real_server(name: str, client: Client) -> None:
    await DRIVEN[name](client)


async def test_what_came_later_is_absent(client: Client) -> None:
    """And the client says so with the release."""
    made = await client.chats.create("Hello")

    for call in (
        client.messages.prompts(made.id),
        client.providers.list(),
        client.settings.system_prompt(),
        client.chats.propose_title(made.id),
    ):
        with pytest.raises(UnsupportedError, match=r"v2\.31"):
            await call


def fields(kind: str) -> tuple[set[str], set[str]]:
    """What a type must have, and what it may have."""
    found = CONTRACT["types"][kind]["fields"]
    must = {one["json"] for one in found if not one["omitempty"]}
    # Go does not leave a time out.
    must |= {one["json"] for one in found if one["go"] == "time.Time"}
    return must, {one["json"] for one in found}


def assert_is(kind: str, body: dict[str, Any]) -> None:
    must, may = fields(kind)
    assert must <= set(body) <= may, kind


def test_bodies_have_the_fields_of_the_older_types_and_no_others(
    bare: httpx.Client,
) -> None:
    content = [{"type": "text", "text": "#long"}]
    chat = bare.post(CHATS, json={"content": content}).json()
    sent = bare.post(f"{CHATS}/{chat['id']}/messages", json={"content": content}).json()
    whole = bare.get(f"{CHATS}/{chat['id']}").json()
    stopped = bare.post(f"{CHATS}/{chat['id']}/interrupt").json()

    assert chat["last_error"] is None
    for one in (chat, whole["chat"], stopped, *bare.get(CHATS).json()):
        assert_is("Chat", one)
    assert_is("CreateChatMessageResponse", sent)
    assert_is("ChatWithMessages", whole)
    assert_is("ChatQueuedMessage", sent["queued_message"])
    for one in whole["messages"]:
        assert_is("ChatMessage", one)
        assert one["content"] == content
    assert whole["queued_messages"] == [sent["queued_message"]]
    assert_is("ChatDiffStatus", bare.get(f"{CHATS}/{chat['id']}/diff-status").json())
    for one in bare.get(f"{CHATS}/providers").json():
        assert_is("ChatProviderConfig", one)
    for one in bare.get(f"{CHATS}/model-configs").json():
        assert_is("ChatModelConfig", one)


def test_a_filter_that_is_no_boolean_is_refused_by_name(bare: httpx.Client) -> None:
    answer = bare.get(CHATS, params={"archived": "maybe"})

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["validations"]] == ["archived"]


def test_only_texts_can_be_said(bare: httpx.Client) -> None:
    parts = [
        {"type": "text", "text": "a"},
        {"type": "file-reference", "file_name": "b"},
    ]

    answer = bare.post(CHATS, json={"content": parts})

    assert answer.status_code == 400
    assert "content[1]" in answer.json()["detail"]


def test_a_key_that_no_header_can_hold_is_refused_unquoted(bare: httpx.Client) -> None:
    body = {"provider": "google", "api_key": "AIza-FIRST\nAIza-SECOND"}

    answer = bare.post(f"{CHATS}/providers", json=body)

    assert answer.status_code == 400
    assert "printable" in answer.json()["message"]
    assert "FIRST" not in answer.text


def test_one_server_speaks_one_api(capsys: pytest.CaptureFixture[str]) -> None:
    """Refused in a line, before anything is opened."""
    status = main(["serve", "--speak", "g0", "--strict-g1", "--database", "no/where"])

    assert status == 1
    assert capsys.readouterr().err.count("\n") == 1
