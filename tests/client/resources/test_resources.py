"""Each call: one method, one path, one body, one typed answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr

from coderchat_jupyter.client import Client
from coderchat_jupyter.client._http import HttpxHttp
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client.resources.chats import Chats
from coderchat_jupyter.client.resources.costs import Costs
from coderchat_jupyter.client.resources.messages import Messages
from coderchat_jupyter.client.resources.model_configs import ModelConfigs
from coderchat_jupyter.client.resources.models import Models
from coderchat_jupyter.client.resources.providers import Providers
from coderchat_jupyter.client.resources.queue import Queue
from coderchat_jupyter.client.resources.server import Server
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.errors import ConfigurationError
from coderchat_jupyter.wire.chats import UpdateChat
from coderchat_jupyter.wire.ids import (
    ZERO_UUID,
    ChatId,
    ModelConfigId,
    OrganizationId,
    ProviderId,
)
from coderchat_jupyter.wire.models import CreateModelConfig, UpdateModelConfig
from coderchat_jupyter.wire.providers import (
    CreateAIProvider,
    KeyChange,
    UpdateAIProvider,
)

AT: Final = "2026-06-01T00:00:00Z"
NOON: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
ONE: Final = ChatId("c1")
CHAT: Final = {"id": "c1", "created_at": AT, "updated_at": AT}
API: Final = "/api/experimental"
HI: Final = {"type": "text", "text": "Hi", "file_id": ZERO_UUID}


class Answering(httpx.AsyncBaseTransport):
    """Gives the same answer to every call and keeps what was asked."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.asked: list[tuple[str, str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        target = request.url.raw_path.decode()
        self.asked.append((request.method, target, body))
        if self._answer is None:
            return httpx.Response(204)
        return httpx.Response(200, json=self._answer)


class Calls:
    """The resources as a client has them."""

    def __init__(self, http: HttpxHttp) -> None:
        self.users = Users(http)
        self.chats = Chats(http, _NoStreams(), self.users)
        self.messages = Messages(http)
        self.queue = Queue(http)
        self.models = Models(http)
        self.model_configs = ModelConfigs(http)
        self.providers = Providers(http)
        self.costs = Costs(http)
        self.server = Server(http)


class _NoStreams:
    def open(self, chat_id: ChatId, after_id: int) -> Any:
        raise AssertionError("no stream is opened here")

    def watch(self) -> Any:
        raise AssertionError("no stream is opened here")

    def git(self, chat_id: ChatId) -> Any:
        raise AssertionError("no stream is opened here")


def calls(transport: Answering) -> Calls:
    place = Place("http://coder.test", SecretStr("a-b"), use_environment=False)
    return Calls(HttpxHttp(place, timeout=5, transport=transport))


Call = Callable[[Calls], Awaitable[Any]]

EACH: Final[list[tuple[str, Call, Any, tuple[str, str, Any]]]] = [
    (
        "create",
        lambda c: c.chats.create(
            "Hi",
            organization_id=OrganizationId("o"),
            model_config_id=ModelConfigId("m"),
            labels={"a": "b"},
        ),
        CHAT,
        (
            "POST",
            f"{API}/chats",
            {
                "organization_id": "o",
                "content": [HI],
                "model_config_id": "m",
                "labels": {"a": "b"},
            },
        ),
    ),
    ("get", lambda c: c.chats.get(ONE), CHAT, ("GET", f"{API}/chats/c1", None)),
    (
        "list",
        lambda c: c.chats.list(query="archived:true", labels={"a": "b"}, limit=2),
        [CHAT],
        ("GET", f"{API}/chats?q=archived%3Atrue&label=a%3Ab&limit=2", None),
    ),
    ("list all", lambda c: c.chats.list(), [], ("GET", f"{API}/chats", None)),
    (
        "update",
        lambda c: c.chats.update(ONE, UpdateChat(title="T", archived=False)),
        None,
        ("PATCH", f"{API}/chats/c1", {"title": "T", "archived": False}),
    ),
    (
        "interrupt",
        lambda c: c.chats.interrupt(ONE),
        CHAT,
        ("POST", f"{API}/chats/c1/interrupt", None),
    ),
    (
        "messages",
        lambda c: c.messages.list(ONE, before_id=9, limit=200),
        {"messages": None, "queued_messages": None, "has_more": False},
        ("GET", f"{API}/chats/c1/messages?before_id=9&limit=200", None),
    ),
    (
        "send",
        lambda c: c.messages.send(ONE, "Hi", when_busy="interrupt"),
        {"queued": False},
        (
            "POST",
            f"{API}/chats/c1/messages",
            {
                "content": [HI],
                "busy_behavior": "interrupt",
            },
        ),
    ),
    (
        "delete queued",
        lambda c: c.queue.delete(ONE, 7),
        None,
        ("DELETE", f"{API}/chats/c1/queue/7", None),
    ),
    (
        "promote",
        lambda c: c.queue.promote(ONE, 7),
        {"message": "Accepted."},
        ("POST", f"{API}/chats/c1/queue/7/promote", None),
    ),
    (
        "models",
        lambda c: c.models.list(),
        {"providers": []},
        ("GET", f"{API}/chats/models", None),
    ),
    (
        "model configs",
        lambda c: c.model_configs.list(),
        [{"id": "m"}],
        ("GET", f"{API}/chats/model-configs", None),
    ),
    (
        "create model config",
        lambda c: c.model_configs.create(
            CreateModelConfig(
                ai_provider_id=ProviderId("p"), model="x", context_limit=9
            )
        ),
        {"id": "m"},
        (
            "POST",
            f"{API}/chats/model-configs",
            {"ai_provider_id": "p", "model": "x", "context_limit": 9},
        ),
    ),
    (
        "update model config",
        lambda c: c.model_configs.update(
            ModelConfigId("m"), UpdateModelConfig(enabled=False)
        ),
        {"id": "m"},
        ("PATCH", f"{API}/chats/model-configs/m", {"enabled": False}),
    ),
    (
        "delete model config",
        lambda c: c.model_configs.delete(ModelConfigId("m")),
        None,
        ("DELETE", f"{API}/chats/model-configs/m", None),
    ),
    (
        "providers",
        lambda c: c.providers.list(),
        [{"id": "p"}],
        ("GET", "/api/v2/ai/providers", None),
    ),
    (
        "create provider",
        lambda c: c.providers.create(
            CreateAIProvider(
                type="openai",
                name="n",
                base_url="http://x",
                api_keys=(SecretStr("sk-1"),),
            )
        ),
        {"id": "p"},
        (
            "POST",
            "/api/v2/ai/providers",
            {
                "type": "openai",
                "name": "n",
                "enabled": True,
                "base_url": "http://x",
                "api_keys": ["sk-1"],
            },
        ),
    ),
    (
        "update provider",
        lambda c: c.providers.update(
            "n",
            UpdateAIProvider(
                api_keys=(KeyChange(id="k"), KeyChange(api_key=SecretStr("sk-2")))
            ),
        ),
        {"id": "p"},
        (
            "PATCH",
            "/api/v2/ai/providers/n",
            {"api_keys": [{"id": "k"}, {"api_key": "sk-2"}]},
        ),
    ),
    (
        "delete provider",
        lambda c: c.providers.delete("n"),
        None,
        ("DELETE", "/api/v2/ai/providers/n", None),
    ),
    (
        "costs",
        lambda c: c.costs.summary("ann", start=NOON),
        {"start_date": AT, "end_date": AT},
        (
            "GET",
            f"{API}/chats/cost/ann/summary?start_date=2026-06-01T12%3A00%3A00Z",
            None,
        ),
    ),
    ("me", lambda c: c.users.me(), {"id": "u"}, ("GET", "/api/v2/users/me", None)),
    (
        "build",
        lambda c: c.server.build_info(),
        {"version": "v2.34.0"},
        ("GET", "/api/v2/buildinfo", None),
    ),
]


@pytest.mark.parametrize(
    ("call", "answer", "expected"),
    [pytest.param(*rest, id=name) for name, *rest in EACH],
)
async def test_each_call_asks_for_what_it_says(
    call: Call, answer: Any, expected: tuple[str, str, Any]
) -> None:
    """Nothing more goes out than what the server has to know."""
    transport = Answering(answer)

    await call(calls(transport))

    assert transport.asked == [expected]


async def test_a_user_of_no_organization_is_told_what_to_do() -> None:
    """No chat can be made anywhere; only an admin can help."""
    transport = Answering({"id": "u", "organization_ids": []})

    with pytest.raises(ConfigurationError, match="Ask an admin"):
        await calls(transport).chats.create("Hi")


def test_a_client_has_every_resource() -> None:
    """And opens nothing before the first call."""
    client = Client("https://coder.example.com/sub/", "a-b")

    assert client.url == "https://coder.example.com/sub"
    assert set(vars(Calls(HttpxHttp(client._place, timeout=1)))) <= set(vars(client))
