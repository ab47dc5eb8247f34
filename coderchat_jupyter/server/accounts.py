"""What is set up from the command line: users, tokens, a scripted model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from coderchat_jupyter import config
from coderchat_jupyter.server.auth import issue_token
from coderchat_jupyter.server.engine.moves import utc_now
from coderchat_jupyter.server.storage import model_configs, providers, users
from coderchat_jupyter.server.storage.addresses import (
    DatabaseAddress,
    DatabaseUrlError,
    database_address,
)
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.migrate import NewerDatabaseError
from coderchat_jupyter.server.storage.rows import UserRow
from coderchat_jupyter.server.storage.sealing import SealingError

__all__ = [
    "DATABASE_ERRORS",
    "Account",
    "AccountError",
    "add_account",
    "admin_token",
    "database_of",
    "opened",
    "prepare",
    "seed_scripted",
]

DATABASE_ERRORS: Final = (
    DatabaseUrlError,
    NewerDatabaseError,
    SealingError,
    OSError,
)
"""Why a database cannot be used; the text of each is made to be told."""

_FILE: Final = "server.db"
_KEY_FILE: Final = "postgres.key"
_ADMIN: Final = "admin"
_SCRIPTED: Final = "scripted"
_SCRIPTED_CONTEXT: Final = 100_000


class AccountError(ValueError):
    """What is asked for cannot be set up; the text says why, and quotes no key."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user and a session token of theirs."""

    user: UserRow
    token: SecretStr


def database_of(address: str | None, key_file: Path | None = None) -> DatabaseAddress:
    """What `--database` names, or the file in the user's data directory.

    Args:
        address: As it was given, if it was.
        key_file: What seals the provider keys of a Postgres database; None is a file
            in the user's data directory.

    Raises:
        DatabaseUrlError: It names no database this server can use.
    """
    folder = config.load().data_dir
    if not address:
        return folder / _FILE
    return database_address(address, key_file or folder / _KEY_FILE)


async def prepare(address: DatabaseAddress) -> None:
    """Make a database, or bring it up to date.

    Raises:
        NewerDatabaseError: It is ahead of this version.
        DatabaseUrlError: The driver for it is not installed.
        OSError: It cannot be opened or reached.
    """
    async with opened(address):
        pass


async def add_account(
    address: DatabaseAddress, name: str, *, is_admin: bool
) -> Account:
    """Add a user to a database, made if missing.

    Raises:
        AccountError: The name is taken.
    """
    async with opened(address) as database:
        async with database.write() as connection:
            if await users.find_user(connection, name) is not None:
                msg = f"there is a user {name!r} already"
                raise AccountError(msg)
            user = await users.add_user(
                connection, name, utc_now(), name=name.capitalize(), is_admin=is_admin
            )
        return Account(user, await issue_token(database, user.id, utc_now()))


async def admin_token(address: DatabaseAddress) -> SecretStr:
    """A new token of the user `admin`, made if missing."""
    async with opened(address) as database:
        async with database.write() as connection:
            user = await users.find_user(connection, _ADMIN)
            if user is None:
                user = await users.add_user(
                    connection, _ADMIN, utc_now(), name="Admin", is_admin=True
                )
        return await issue_token(database, user.id, utc_now())


async def seed_scripted(address: DatabaseAddress, url: str) -> None:
    """Let chats play the file at `url`: a provider and a default model on it."""
    now = utc_now()
    async with opened(address) as database, database.write() as connection:
        found = await providers.find_provider(connection, _SCRIPTED)
        if found is not None:
            await providers.change_provider(
                connection, found.id, {"base_url": url}, now
            )
            return
        provider_id = await providers.add_provider(
            connection,
            now,
            type=_SCRIPTED,
            name=_SCRIPTED,
            display_name="Scripted",
            base_url=url,
        )
        config_id = await model_configs.add_model_config(
            connection,
            now,
            ai_provider_id=provider_id,
            model=_SCRIPTED,
            display_name="Scripted",
            context_limit=_SCRIPTED_CONTEXT,
        )
        await model_configs.make_default(connection, config_id, now)


@asynccontextmanager
async def opened(address: DatabaseAddress) -> AsyncIterator[Database]:
    """A database, made or brought up to date first, and closed again.

    Raises:
        DATABASE_ERRORS: It cannot be used.
    """
    database = await Database.open(address)
    try:
        yield database
    finally:
        await database.close()
