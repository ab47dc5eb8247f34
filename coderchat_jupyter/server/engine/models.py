"""Which model answers, and the adapter that reaches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from coderchat_jupyter.server.engine.classify import provider_disabled
from coderchat_jupyter.server.provider_settings import opened_settings
from coderchat_jupyter.server.providers._build import (
    UnknownProviderTypeError,
    build_provider,
)
from coderchat_jupyter.server.providers._ignored import ignored_options
from coderchat_jupyter.server.providers._protocol import Provider, ProviderRow
from coderchat_jupyter.server.storage import model_configs, providers
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import ModelConfigRow, ProviderRecord
from coderchat_jupyter.server.storage.sealing import SealingError
from coderchat_jupyter.server.storage.user_keys import UserKeyRow, user_key
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ModelConfigId, ProviderId, UserId

__all__ = ["Build", "ChosenModel", "Models", "TurnError"]

_MOST_KEPT: Final = 100
"""Adapters: each keeps connections open, and every user may bring a key."""

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

    version: tuple[datetime, datetime | None]
    provider: Provider
    users: int = 0
    retired: bool = False


class Models:
    """Builds adapters once per configured provider and closes them when unused."""

    def __init__(
        self,
        database: Database,
        build: Build = build_provider,
        *,
        allows_user_keys: bool = True,
    ) -> None:
        self._database = database
        self._allows_user_keys = allows_user_keys
        self._build = build
        self._built: dict[tuple[ProviderId, UserId | None], _Built] = {}

    @asynccontextmanager
    async def use(
        self, config_id: ModelConfigId, owner_id: UserId
    ) -> AsyncIterator[ChosenModel]:
        """The model a chat names, or the default if that is gone.

        It is asked with the key of the chat's owner, if they brought one and may.

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
            own = None
            if self._allows_user_keys:
                own = await user_key(connection, owner_id, config.ai_provider_id)
        if record is None:
            raise TurnError(provider_disabled())
        built, unwanted = self._taken(record, owner_id if own else None, own)
        try:
            for one in unwanted:
                await one.provider.aclose()
            yield ChosenModel(config, built.provider)
        finally:
            built.users -= 1
            if built.retired and not built.users:
                await built.provider.aclose()

    async def warnings_of(self, config_id: ModelConfigId) -> tuple[str, ...]:
        """What of a model's configuration its provider ignores, in sentences.

        Known from the settings themselves, and from what calls have shown.
        """
        async with self._database.read() as connection:
            config = await model_configs.get_model_config(connection, config_id)
        if config is None:
            return ()
        found = list(ignored_options(config.provider, config.model, config.call_config))
        for (provider_id, _), built in self._built.items():
            if provider_id == config.ai_provider_id:
                noticed = getattr(built.provider, "noticed", {})
                found += noticed.get(config.model, ())
        name = config.display_name or config.model
        return tuple(f"{name}: {one}" for one in dict.fromkeys(found))

    async def aclose(self) -> None:
        """Close every adapter."""
        built, self._built = self._built, {}
        for entry in built.values():
            await entry.provider.aclose()

    def _taken(
        self, record: ProviderRecord, owner_id: UserId | None, own: UserKeyRow | None
    ) -> tuple[_Built, list[_Built]]:
        """The adapter as its provider is now, with one user more; others to close."""
        place = record.id, owner_id
        version = record.updated_at, own.created_at if own else None
        entry = self._built.get(place)
        if entry is not None and entry.version == version:
            entry.users += 1
            # The last is the one that was wanted last.
            self._built[place] = self._built.pop(place)
            return entry, []
        account = f"{record.id} {owner_id or ''}".rstrip()
        row = self._row_of(record, own, account)
        try:
            provider = self._build(row)
        except UnknownProviderTypeError as error:
            refused = ChatError(message=str(error), kind="config", provider=record.type)
            raise TurnError(refused) from error
        self._built.pop(place, None)
        made = self._built[place] = _Built(version, provider, users=1)
        old = [*([entry] if entry else []), *self._unwanted()]
        for one in old:
            one.retired = True
        return made, [one for one in old if not one.users]

    def _unwanted(self) -> list[_Built]:
        """Take out what nobody uses, as far as there is too much of it."""
        idle = [place for place, one in self._built.items() if not one.users]
        too_many = max(0, len(self._built) - _MOST_KEPT)
        return [self._built.pop(one) for one in idle[:too_many]]

    def _row_of(
        self, record: ProviderRecord, own: UserKeyRow | None, account: str
    ) -> ProviderRow:
        """A provider as its adapter wants it, its secrets opened.

        Who brings a key is asked with nothing but that.
        """
        keys = record.keys
        sealed = own.sealed if own else keys[0].sealed if keys else None
        sealer = self._database.sealer
        try:
            key = None if sealed is None else sealer.unseal(sealed)
            settings = opened_settings(record.settings, sealer)
        except SealingError as error:
            raise TurnError(
                ChatError(
                    message="The provider's API key cannot be read any more. "
                    "Enter it again.",
                    kind="missing_key",
                    provider=record.type,
                )
            ) from error
        if own is not None and settings is not None:
            settings = {"region": settings["region"]} if "region" in settings else {}
        return ProviderRow(record.type, record.base_url, key, settings, account)
