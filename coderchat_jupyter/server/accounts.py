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
from coderchat_jupyter.server.storage.database import Database, database_path
from coderchat_jupyter.server.storage.rows import UserRow

__all__ = [
    "Account",
    "UserExistsError",
    "add_account",
    "admin_token",
    "database_of",
    "seed_scripted",
]

_FILE: Final = "server.db"
_ADMIN: Final = "admin"
_SCRIPTED: Final = "scripted"
_SCRIPTED_CONTEXT: Final = 100_000


class UserExistsError(ValueError):
    """The name is taken."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user and a session token of theirs."""

    user: UserRow
    token: SecretStr


def database_of(address: str | None) -> Path:
    """The file that `--database` names, or the one in the user's data directory.

    Raises:
        DatabaseUrlError: It names no SQLite file.
    """
    return database_path(address) if address else config.load().data_dir / _FILE


async def add_account(path: Path, name: str, *, is_admin: bool) -> Account:
    """Add a user to a database, made if missing.

    Raises:
        UserExistsError: The name is taken.
    """
    async with _opened(path) as database:
        async with database.write() as connection:
            if await users.find_user(connection, name) is not None:
                msg = f"there is a user {name!r} already"
                raise UserExistsError(msg)
            user = await users.add_user(
                connection, name, utc_now(), name=name.capitalize(), is_admin=is_admin
            )
        return Account(user, await issue_token(database, user.id, utc_now()))


async def admin_token(path: Path) -> SecretStr:
    """A new token of the user `admin`, made if missing."""
    async with _opened(path) as database:
        async with database.write() as connection:
            user = await users.find_user(connection, _ADMIN)
            if user is None:
                user = await users.add_user(
                    connection, _ADMIN, utc_now(), name="Admin", is_admin=True
                )
        return await issue_token(database, user.id, utc_now())


async def seed_scripted(path: Path, url: str) -> None:
    """Let chats play the file at `url`: a provider and a default model on it."""
    now = utc_now()
    async with _opened(path) as database, database.write() as connection:
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
async def _opened(path: Path) -> AsyncIterator[Database]:
    database = await Database.open(path)
    try:
        yield database
    finally:
        await database.close()
