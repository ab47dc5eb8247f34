"""What the ModelConfigEditor does at the server; nothing here knows of a page."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from coderchat_jupyter.bridge.editor import PRESETS, Catalogue, base_of
from coderchat_jupyter.bridge.editor_view import (
    AddEndpoint,
    Outcome,
    SaveModel,
    SaveProvider,
)
from coderchat_jupyter.bridge.model_form import parse_endpoint, parse_provider
from coderchat_jupyter.bridge.model_settings import (
    call_config,
    free_of_charge,
    parse_model,
)
from coderchat_jupyter.errors import (
    ApiError,
    ForbiddenError,
    NotFoundError,
    UnsupportedError,
)
from coderchat_jupyter.widgets._outcomes import (
    ADMINS_ONLY,
    ELSEWHERE,
    MODEL_PATHS,
    PROVIDER_PATHS,
    deleted,
    gone,
    id_of,
    outcome,
)
from coderchat_jupyter.wire.ids import ModelConfigId, ProviderId
from coderchat_jupyter.wire.models import (
    CreateModelConfig,
    ModelConfig,
    UpdateModelConfig,
)
from coderchat_jupyter.wire.providers import (
    AIProvider,
    CreateAIProvider,
    KeyChange,
    UpdateAIProvider,
)

if TYPE_CHECKING:
    from coderchat_jupyter.client import Client

__all__ = ["Editing"]

COMPACTION: Final = 70
"""What the server takes where nothing is said."""


class Editing:
    """Reads and changes the models and providers of one server.

    Every change returns an Outcome: what is wrong with a form is no exception.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def catalogue(self) -> Catalogue:
        """Everything there is, and whether it may be changed.

        Raises:
            CoderChatError: Not even the models could be read.
        """
        configs = await self._client.model_configs.list()
        providers: tuple[AIProvider, ...] | None = None
        problem = read_only = None
        try:
            providers = await self._client.providers.list()
        except ForbiddenError:
            problem = read_only = ADMINS_ONLY
        except (UnsupportedError, NotFoundError):
            problem = ELSEWHERE
        where = urlsplit(self._client.url).netloc
        return Catalogue(configs, providers, problem, read_only, where)

    async def save_model(self, intent: SaveModel) -> Outcome:
        """Create a model config or change one; what no field shows stays as it is."""
        before = await self._model(intent.id) if intent.id is not None else None
        if before is None and intent.id is not None:
            return gone("model")
        read = parse_model(intent.values, before)
        if read.errors:
            return Outcome(errors=read.errors)
        if before is None:
            return await outcome(self._create_model(read.values), MODEL_PATHS)
        if base_of(before) != intent.base and not intent.overwrite:
            return Outcome(id=intent.id, conflict=True)
        return await outcome(self._change_model(before, read.values), MODEL_PATHS)

    async def save_provider(self, intent: SaveProvider) -> Outcome:
        """Create a provider or change one; without a new key it keeps its own."""
        key = intent.api_key
        read = parse_provider(intent.values, key.get_secret_value() if key else None)
        if read.errors:
            return Outcome(errors=read.errors)
        if intent.id is None:
            made = self._create_provider(read.values, key)
            return await outcome(made, PROVIDER_PATHS, key)
        before = await self._provider(intent.id)
        if before is None:
            return gone("provider")
        if base_of(before) != intent.base and not intent.overwrite:
            return Outcome(id=intent.id, conflict=True)
        changed = self._change_provider(before.id, read.values, key)
        return await outcome(changed, PROVIDER_PATHS, key)

    async def add_endpoint(self, intent: AddEndpoint) -> Outcome:
        """Make a provider and its first model, or neither."""
        key = intent.api_key
        read = parse_endpoint(intent.values, key.get_secret_value() if key else None)
        if read.errors:
            return Outcome(errors=read.errors)
        values = read.values
        provider_id = ""

        async def make() -> str:
            nonlocal provider_id
            name = await self._free_name(intent.preset or "endpoint")
            title = _endpoint_title(intent.preset, values["base_url"])
            fields = values | {"name": name, "display_name": title, "enabled": True}
            provider_id = await self._create_provider(fields, key)
            model = values | {"ai_provider_id": provider_id, "enabled": True}
            model["compression_threshold"] = None
            if values["free"]:
                model |= free_of_charge()
            return await self._create_model(model, default=bool(values["default"]))

        try:
            made = await outcome(make(), PROVIDER_PATHS | MODEL_PATHS, key)
        except BaseException:
            await self._undo(provider_id)
            raise
        if made.errors:
            await self._undo(provider_id)
        return made

    async def clear_key(self, provider_id: str) -> Outcome:
        """Take every key of a provider away."""
        change = self._client.providers.update(
            ProviderId(provider_id), UpdateAIProvider(api_keys=())
        )
        return await outcome(id_of(change), PROVIDER_PATHS)

    async def make_default(self, model_id: str) -> Outcome:
        """Let new chats use this model."""
        change = self._client.model_configs.update(
            ModelConfigId(model_id), UpdateModelConfig(is_default=True)
        )
        return await outcome(id_of(change), MODEL_PATHS)

    async def delete_model(self, model_id: str) -> Outcome:
        """Delete a model config. One that is gone already is as good."""
        return await deleted(self._client.model_configs.delete(ModelConfigId(model_id)))

    async def delete_provider(self, provider_id: str) -> Outcome:
        """Delete a provider. One that is gone already is as good."""
        return await deleted(self._client.providers.delete(provider_id))

    async def _model(self, model_id: str) -> ModelConfig | None:
        found = await self._client.model_configs.list()
        return next((config for config in found if config.id == model_id), None)

    async def _provider(self, provider_id: str) -> AIProvider | None:
        found = await self._client.providers.list()
        return next((p for p in found if p.id == provider_id), None)

    async def _create_model(
        self, values: Mapping[str, Any], *, default: bool | None = None
    ) -> str:
        body = CreateModelConfig(
            ai_provider_id=ProviderId(values["ai_provider_id"]),
            model=values["model"],
            display_name=values["display_name"] or "",
            enabled=values["enabled"] is not False,
            is_default=default or None,
            context_limit=values["context_limit"],
            compression_threshold=values["compression_threshold"],
            call_config=call_config(None, values),
        )
        return (await self._client.model_configs.create(body)).id

    async def _change_model(
        self, before: ModelConfig, changes: Mapping[str, Any]
    ) -> str:
        """Send what differs; the settings replace the whole, so they are complete."""
        body = UpdateModelConfig(
            **_changed_fields(before, changes),
            call_config=call_config(before.call_config, changes),
        )
        return (await self._client.model_configs.update(before.id, body)).id

    async def _create_provider(
        self, values: Mapping[str, Any], key: SecretStr | None
    ) -> str:
        body = CreateAIProvider(
            type=values["type"],
            name=values["name"],
            display_name=values["display_name"] or "",
            enabled=values["enabled"] is not False,
            base_url=values["base_url"],
            api_keys=(key,) if key else (),
        )
        return (await self._client.providers.create(body)).id

    async def _change_provider(
        self, provider_id: ProviderId, values: Mapping[str, Any], key: SecretStr | None
    ) -> str:
        body = UpdateAIProvider(
            display_name=values["display_name"] or "",
            enabled=values["enabled"] is not False,
            base_url=values["base_url"],
            api_keys=(KeyChange(api_key=key),) if key else None,
        )
        return (await self._client.providers.update(provider_id, body)).id

    async def _free_name(self, wanted: str) -> str:
        taken = {provider.name for provider in await self._client.providers.list()}
        names = (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3)))
        return next(name for name in names if name not in taken)

    async def _undo(self, provider_id: str) -> None:
        """Take back the provider of an endpoint whose model was refused."""
        if provider_id:
            with suppress(ApiError):
                await self._client.providers.delete(provider_id)


def _endpoint_title(preset: str, base_url: str) -> str:
    """A name for people: the preset's, else where the endpoint is."""
    known = {made.name: made.label for made in PRESETS if made.values["base_url"]}
    return known.get(preset) or urlsplit(base_url).netloc


def _changed_fields(before: ModelConfig, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields around the settings; a blank one takes its default."""
    defaults = {
        "model": None,
        "context_limit": None,
        "enabled": True,
        "compression_threshold": COMPACTION,
        # Empty means "keep" to the server: a name can be replaced, not cleared.
        "display_name": changes.get("model", before.model),
    }
    if before.ai_provider_id is not None:  # servers before v2.34 have the type only
        defaults["ai_provider_id"] = None
    wanted = {
        name: default if changes[name] is None else changes[name]
        for name, default in defaults.items()
        if name in changes
    }
    return {name: v for name, v in wanted.items() if v != getattr(before, name)}
