"""What an embedded server starts with: a user, and a model that answers."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import HTTPConnection

from coderchat_jupyter.server.auth import Sessions, issue_token
from coderchat_jupyter.server.engine.preferences import RETENTION
from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.providers.local_model import MODEL_NAME
from coderchat_jupyter.server.storage import model_configs, providers, users
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import UserRow
from coderchat_jupyter.server.storage.settings import get_setting, put_setting
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.routes import TOKEN_HEADER
from coderchat_jupyter.wire.settings import RetentionDays

__all__ = ["ensure_token", "seed", "uses_local_model"]

_USER: Final = "me"

_FREE: Final = Decimal(0)

_LOCAL_CALLS: Final = CallConfig(
    # It can run in circles; the file itself has no end for that.
    max_output_tokens=1_024,
    cost=Prices(
        input_price_per_million_tokens=_FREE,
        output_price_per_million_tokens=_FREE,
        cache_read_price_per_million_tokens=_FREE,
        cache_write_price_per_million_tokens=_FREE,
    ),
)


async def seed(database: Database) -> UserRow:
    """Make the user, and on an empty server the tiny demo model.

    What is there stays as it is: a model that its user deleted does not come back.
    """
    now = datetime.now(UTC)
    async with database.write() as connection:
        await _keep_archived_chats(connection)
        user = await users.find_user(connection, _USER)
        if user is not None:
            return user
        user = await users.add_user(
            connection, _USER, now, name=_full_name(), is_admin=True
        )
        await _add_local_model(connection, now)
    return user


async def _keep_archived_chats(connection: AsyncConnection) -> None:
    """A team's server deletes them after 30 days; here nobody would have been told."""
    if await get_setting(connection, RETENTION) is None:
        await put_setting(connection, RETENTION, encode(RetentionDays()))


async def _add_local_model(connection: AsyncConnection, now: datetime) -> None:
    provider_id = await providers.add_provider(
        connection,
        now,
        type="local",
        name="local",
        display_name="Tiny demo model",
        enabled=True,
        base_url="http://127.0.0.1",
    )
    config_id = await model_configs.add_model_config(
        connection,
        now,
        ai_provider_id=provider_id,
        model=MODEL_NAME,
        display_name="SmolLM2 135M (tiny demo model)",
        context_limit=4_096,
        # It is shown the newest turns only; there is nothing to compress.
        compression_threshold=100,
        call_config=_LOCAL_CALLS,
    )
    await model_configs.make_default(connection, config_id, now)


async def ensure_token(
    database: Database, user: UserRow, known: SecretStr | None
) -> SecretStr:
    """The token that notebooks use: the one of last time, if it is still good."""
    if known is not None and await _opens(database, known, user):
        return known
    return await issue_token(database, user.id, datetime.now(UTC))


async def _opens(database: Database, token: SecretStr, user: UserRow) -> bool:
    header = (TOKEN_HEADER.lower().encode(), token.get_secret_value().encode())
    request = {"type": "http", "headers": [header], "query_string": b""}
    try:
        found = await Sessions(database).user(HTTPConnection(request))
    except RequestError:
        return False
    return found.id == user.id


async def uses_local_model(database: Database) -> bool:
    """Whether a chat would ask the model of this machine by default."""
    async with database.read() as connection:
        config = await model_configs.default_model_config(connection)
        if config is None or not (config.enabled and config.provider_enabled):
            return False
        record = await providers.get_provider(connection, config.ai_provider_id)
    return record is not None and record.type == "local"


def _full_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user, as in some containers
        return ""
