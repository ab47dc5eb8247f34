"""AI providers as they are set up from the command line, the server running or not."""

from __future__ import annotations

from pydantic import SecretStr

from coderchat_jupyter.server import present
from coderchat_jupyter.server.accounts import AccountError, opened
from coderchat_jupyter.server.engine.moves import utc_now
from coderchat_jupyter.server.provider_rules import (
    identity_faults,
    key_faults,
    keyless_faults,
    url_faults,
)
from coderchat_jupyter.server.storage import providers
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.wire.providers import AIProvider

__all__ = ["add_provider", "list_providers", "remove_provider"]


async def list_providers(address: DatabaseAddress) -> list[AIProvider]:
    """All providers by name, their keys masked."""
    async with opened(address) as database, database.read() as connection:
        rows = await providers.list_providers(connection)
    return [present.provider(row) for row in rows]


async def add_provider(
    address: DatabaseAddress,
    *,
    kind: str,
    name: str,
    base_url: str,
    key: SecretStr | None,
) -> AIProvider:
    """Store a provider, its key sealed.

    Raises:
        AccountError: The name is taken, or something is not as it must be.
    """
    faults = [*identity_faults(kind, name), *url_faults(kind, base_url)]
    if key is not None:
        of_key = [*key_faults(0, key), *keyless_faults(kind, [key])]
        faults += [("key", why) for _, why in of_key]
    if faults:
        raise AccountError("; ".join(f"{field} {why}" for field, why in faults))
    now = utc_now()
    async with opened(address) as database, database.write() as connection:
        if await providers.find_provider(connection, name) is not None:
            msg = f"there is a provider {name!r} already"
            raise AccountError(msg)
        added = await providers.add_provider(
            connection, now, type=kind, name=name, base_url=base_url
        )
        keys = [] if key is None else [key]
        await providers.add_keys(connection, added, keys, database.sealer, now)
        row = await providers.find_provider(connection, added)
        if row is None:  # pragma: no cover
            msg = "the provider just stored is gone"
            raise RuntimeError(msg)
    return present.provider(row)


async def remove_provider(address: DatabaseAddress, name: str) -> None:
    """Hide a provider and destroy its keys, as the API does.

    Args:
        address: Of the database.
        name: Its name or id.

    Raises:
        AccountError: There is none.
    """
    async with opened(address) as database, database.write() as connection:
        row = await providers.find_provider(connection, name)
        if row is None:
            msg = f"there is no provider {name!r}"
            raise AccountError(msg)
        await providers.drop_keys(connection, row.id)
        await providers.change_provider(
            connection, row.id, {"deleted": True}, utc_now()
        )
