"""What a server of the tests always has: two people, a provider and a priced model.

It is made through the API once; later servers on a file start from a copy of that.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from coderchat_jupyter.server.accounts import Account, add_account
from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = ["CHATS", "Copy", "Furniture", "calling", "furnish"]

CHATS: Final = "/api/experimental/chats"

_PRICES: Final = {
    "input_price_per_million_tokens": "3",
    "output_price_per_million_tokens": "15",
}

_PATIENCE: Final = 60.0

# Nothing here is encrypted; loading the list of authorities takes half a second.
_BARE: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True)
class Furniture:
    """Who and what is there; the provider and the model by their ids."""

    admin: Account
    other: Account
    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A SQLite database with furniture, and the key that seals what is secret in it."""

    furniture: Furniture
    database: bytes
    key: bytes

    @classmethod
    def of(cls, path: Path, furniture: Furniture) -> Copy:
        """Keep a database that no server has open."""
        return cls(furniture, path.read_bytes(), _key_of(path).read_bytes())

    def write(self, path: Path) -> Furniture:
        """Make a database of it; what is in there."""
        for file, content in ((path, self.database), (_key_of(path), self.key)):
            file.touch(mode=0o600)
            file.write_bytes(content)
        return self.furniture


def calling(url: str, account: Account) -> httpx.AsyncClient:
    """A client of the server that speaks for somebody."""
    token = account.token.get_secret_value()
    headers = {"Coder-Session-Token": token}
    return httpx.AsyncClient(
        base_url=url, headers=headers, timeout=_PATIENCE, verify=_BARE
    )


async def furnish(url: str, database: DatabaseAddress, *, speak: str) -> Furniture:
    """Furnish a server that runs.

    Args:
        url: Where it is.
        database: Its own.
        speak: Which API it has.
    """
    admin = await add_account(database, "admin", is_admin=True)
    other = await add_account(database, "other", is_admin=False)
    async with calling(url, admin) as http:
        configure = _configure_older if speak == "g0" else _configure
        provider, model = await configure(http)
    return Furniture(admin, other, provider, model)


async def _configure(http: httpx.AsyncClient) -> tuple[str, str]:
    provider = await _made(
        http,
        "/api/v2/ai/providers",
        {
            "type": "openai-compat",
            "name": "puppet",
            "enabled": True,
            "base_url": "http://127.0.0.1:1/v1",
            "api_keys": ["sk-puppet-0123456789"],
        },
    )
    model = await _made(
        http,
        f"{CHATS}/model-configs",
        {
            "ai_provider_id": provider,
            "model": "puppet-1",
            "display_name": "Puppet One",
            "context_limit": 100_000,
            "model_config": {"cost": _PRICES},
        },
    )
    return provider, model


async def _configure_older(http: httpx.AsyncClient) -> tuple[str, str]:
    """The same as far as the older API can say it: a type in place of an id."""
    provider = await _made(
        http,
        f"{CHATS}/providers",
        {
            "provider": "openai-compat",
            "base_url": "http://127.0.0.1:1/v1",
            "api_key": "sk-puppet-0123456789",
        },
    )
    model = await _made(
        http,
        f"{CHATS}/model-configs",
        {"provider": "openai-compat", "model": "puppet-1", "context_limit": 100_000},
    )
    return provider, model


async def _made(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> str:
    answer = await http.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _key_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.key")
