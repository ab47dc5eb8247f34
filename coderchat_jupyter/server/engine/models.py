"""Which model answers, and the adapter that reaches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pydantic import SecretStr

from coderchat_jupyter.server.engine.classify import provider_disabled
from coderchat_jupyter.server.providers._build import (
    UnknownProviderTypeError,
    build_provider,
)
from coderchat_jupyter.server.providers._protocol import Provider, ProviderRow
from coderchat_jupyter.server.storage import model_configs, providers
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import ModelConfigRow, ProviderRecord
from coderchat_jupyter.server.storage.sealing import SealingError
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ModelConfigId, ProviderId

__all__ = ["Build", "ChosenModel", "Models", "TurnError"]

Build: TypeAlias = Callable[[ProviderRow], Provider]


class TurnError(Exception):
    """A turn cannot go on; `error` is what its chat will show."""

    def __init__(self, error: ChatError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A configuration and the adapter of its provider."""

    config: ModelConfigRow
    provider: Provider


@dataclass(slots=True)
class _Built:
    """An adapter, as long as its provider stays as it was configured."""

    version: datetime
    provider: Provider
    users: int = 0
    retired: bool = False


class Models:
    """Builds adapters once per configured provider and closes them when unused."""

    def __init__(self, database: Database, build: Build = build_provider) -> None:
        self._database = database
        self._build = build
        self._built: dict[ProviderId, _Built] = {}

    @asynccontextmanager
    async def use(self, config_id: ModelConfigId) -> AsyncIterator[ChosenModel]:
        """The model a chat names, or the default if that is gone.

        Raises:
            TurnError: It, or its provider, is disabled or cannot be used.
        """
        async with self._database.read() as connection:
            config = await model_configs.get_model_config(connection, config_id)
            if config is None:
                config = await model_configs.default_model_config(connection)
            if config is None or not (config.enabled and config.provider_enabled):
                raise TurnError(provider_disabled())
            record = await providers.get_provider(connection, config.ai_provider_id)
        if record is None:
            raise TurnError(provider_disabled())
        built = await self._current(record)
        built.users += 1
        try:
            yield ChosenModel(config, built.provider)
        finally:
            built.users -= 1
            if built.retired and not built.users:
                await built.provider.aclose()

    async def aclose(self) -> None:
        """Close every adapter."""
        built, self._built = self._built, {}
        for entry in built.values():
            await entry.provider.aclose()

    async def _current(self, record: ProviderRecord) -> _Built:
        entry = self._built.get(record.id)
        if entry is not None and entry.version == record.updated_at:
            return entry
        key = self._key_of(record)
        try:
            provider = self._build(ProviderRow(record.type, record.base_url, key))
        except UnknownProviderTypeError as error:
            refused = ChatError(message=str(error), kind="config", provider=record.type)
            raise TurnError(refused) from error
        self._built[record.id] = _Built(record.updated_at, provider)
        if entry is not None:
            entry.retired = True
            if not entry.users:
                await entry.provider.aclose()
        return self._built[record.id]

    def _key_of(self, record: ProviderRecord) -> SecretStr | None:
        if not record.keys:
            return None
        try:
            return self._database.sealer.unseal(record.keys[0].sealed)
        except SealingError as error:
            raise TurnError(
                ChatError(
                    message="The provider's API key cannot be read any more. "
                    "Enter it again.",
                    kind="missing_key",
                    provider=record.type,
                )
            ) from error
