"""A deployment with two models, and a conversation with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import httpx

from tests.conform.conversations import SALT, SCENARIOS
from tests.conform.player import Player
from tests.fakes.processes import add_user, scripted_vendor, serve

__all__ = ["Deployment", "conversation", "deployed"]

Deployment: TypeAlias = tuple[str, str, dict[str, Any]]
"""A strict server, a vendor, and an administrator of the former."""

_PRICES: Final = {
    "input_price_per_million_tokens": "3",
    "output_price_per_million_tokens": "15",
    "cache_read_price_per_million_tokens": "0.3",
    "cache_write_price_per_million_tokens": "3.75",
}
_NAMES: Final = {
    "openai-compat": ("scripted", "Scripted One"),
    "anthropic": ("scripted-anthropic", "Scripted Claude"),
}


@contextmanager
def deployed(database: str, skip_ids: Callable[[], None]) -> Iterator[Deployment]:
    """Run a server on a database, and a vendor.

    Args:
        database: As `--database` takes it; without a chat yet.
        skip_ids: Lets its messages begin far from 1: ids become names by their
            number, so messages and what is queued must not share any, and in the
            record they did not.
    """
    admin = add_user(database, "admin", "--admin")
    skip_ids()
    with scripted_vendor() as vendor, serve(database, "--strict-g1") as server:
        with httpx.Client(
            base_url=server.url,
            headers={"Coder-Session-Token": admin["token"]},
            timeout=60,
        ) as http:
            model, provider = _model(
                http, "openai-compat", f"{vendor.url}/v1", "fake-1"
            )
            other = _model(http, "anthropic", vendor.url, "claude-sonnet-4-5")
        ids = {"model": model, "provider": provider}
        others = {"other_model": other[0], "other_provider": other[1]}
        yield server.url, vendor.url, {**admin, **ids, **others}


async def conversation(name: str, deployment: Deployment) -> Any:
    """Play a conversation; what was exchanged, with names for ids."""
    server, vendor, admin = deployment
    async with httpx.AsyncClient(
        base_url=server, headers={"Coder-Session-Token": admin["token"]}, timeout=60
    ) as http:
        player = Player(
            http,
            admin["token"],
            admin["organization_id"],
            admin["model"],
            admin["other_model"],
            admin["provider"],
            vendor,
        )
        await player.quiet()
        await http.get(f"{vendor}/log")
        await SCENARIOS[name](player)
    text = json.dumps(player.exchanges)
    for value, shown in (
        (admin["id"], "<user>"),
        (admin["organization_id"], "<org>"),
        (admin["model"], "<model>"),
        (admin["other_model"], "<model_anthropic>"),
        (admin["provider"], "<provider>"),
        (admin["other_provider"], "<provider_anthropic>"),
        (SALT, "SALT"),
    ):
        text = text.replace(value, shown)
    return json.loads(text)


def _model(http: httpx.Client, kind: str, url: str, name: str) -> tuple[str, str]:
    """Configure a provider and its model, called as in the record; the ids of both."""
    scripted, title = _NAMES[kind]
    provider = http.post(
        "/api/v2/ai/providers",
        json={
            "type": kind,
            "name": scripted,
            "display_name": scripted.title(),
            "enabled": True,
            "base_url": url,
            "api_keys": ["sk-scripted"],
        },
    ).json()
    model = http.post(
        "/api/experimental/chats/model-configs",
        json={
            "ai_provider_id": provider["id"],
            "model": name,
            "display_name": title,
            "context_limit": 100_000,
            "model_config": {"cost": _PRICES},
        },
    ).json()
    return str(model["id"]), str(provider["id"])
