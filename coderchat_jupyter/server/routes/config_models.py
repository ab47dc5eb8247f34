"""Which model does what, and when its chats are summarised."""

from __future__ import annotations

from typing import Final, get_args

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from coderchat_jupyter.server.engine import preferences
from coderchat_jupyter.server.failures import RequestError, bad_request, not_found
from coderchat_jupyter.server.provider_rules import MAY_LACK_KEYS
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._config_bodies import (
    ModelOverrideBody,
    PersonalOverrideBody,
    ThresholdBody,
)
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    only_admin,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage.model_configs import get_model_config
from coderchat_jupyter.server.storage.providers import get_provider
from coderchat_jupyter.server.storage.settings import drop_setting, put_setting
from coderchat_jupyter.server.storage.user_keys import user_key
from coderchat_jupyter.wire.ids import ZERO_UUID, ModelConfigId
from coderchat_jupyter.wire.settings import (
    CompactionThreshold,
    CompactionThresholds,
    PersonalContext,
    PersonalOverrideDefaults,
    PersonalOverrides,
)

__all__ = [
    "drop_threshold",
    "override",
    "personal_overrides",
    "set_override",
    "set_personal_override",
    "set_threshold",
    "thresholds",
]

_CONTEXTS: Final = ("general", "explore", "title_generation")
_PERSONAL: Final[tuple[str, ...]] = get_args(PersonalContext)
_MAX_PERCENT: Final = 100


@endpoint
async def override(call: Call) -> Response:
    """`GET /chats/config/model-override/{context}`."""
    if not call.user.is_admin:
        raise not_found()
    context = _context(call, _CONTEXTS, "Invalid chat model override context.")
    async with call.service.database.read() as connection:
        return answer(await preferences.model_override(connection, context))


@endpoint
async def set_override(call: Call) -> Response:
    """`PUT /chats/config/model-override/{context}`; an empty id takes it back."""
    only_admin(call.user)
    context = _context(call, _CONTEXTS, "Invalid chat model override context.")
    body = await read_body(call.request, ModelOverrideBody)
    name = f"{preferences.MODEL_OVERRIDE}{context}"
    text = body.model_config_id.strip()
    async with call.service.database.write() as connection:
        if not text:
            await drop_setting(connection, name)
            return no_content()
        model = _override_id(text)
        if not await preferences.is_usable(connection, model):
            raise bad_request("Model config is not enabled, or its provider is not.")
        await put_setting(connection, name, model)
    return no_content()


@endpoint
async def personal_overrides(call: Call) -> Response:
    """`GET /chats/config/user-personal-model-overrides`."""
    async with call.service.database.read() as connection:
        own = {
            context: await preferences.personal_override(
                connection, call.user.id, context
            )
            for context in _PERSONAL
        }
        defaults = PersonalOverrideDefaults(
            general=await preferences.model_override(connection, "general"),
            explore=await preferences.model_override(connection, "explore"),
        )
        enabled = await preferences.personal_overrides_allowed(connection)
    return answer(
        PersonalOverrides(
            enabled=enabled,
            root=own["root"],
            general=own["general"],
            explore=own["explore"],
            deployment_defaults=defaults,
        )
    )


@endpoint
async def set_personal_override(call: Call) -> Response:
    """`PUT /chats/config/user-personal-model-overrides/{context}`."""
    async with call.service.database.read() as connection:
        allowed = await preferences.personal_overrides_allowed(connection)
    if not allowed:
        raise RequestError(403, "Personal model overrides are not enabled.")
    context = _context(call, _PERSONAL, "Invalid chat personal model override context.")
    body = await read_body(call.request, PersonalOverrideBody)
    mode, text = body.mode, body.model_config_id.strip()
    async with call.service.database.write() as connection:
        if mode == "model":
            text = await _personal_model(connection, call, text)
        elif mode not in ("chat_default", "deployment_default"):
            raise bad_request(
                "Invalid mode. Expected one of chat_default, deployment_default, model."
            )
        elif mode == "deployment_default" and context == "root":
            raise bad_request(
                "deployment_default is not supported for root personal model overrides."
            )
        elif text:
            raise bad_request(f"model_config_id must be empty when mode is {mode}.")
        await put_setting(
            connection,
            f"{preferences.PERSONAL_OVERRIDE}{context}",
            {"mode": mode, "model_config_id": text},
            call.user.id,
        )
    return no_content()


@endpoint
async def thresholds(call: Call) -> Response:
    """`GET /chats/config/user-compaction-thresholds`."""
    async with call.service.database.read() as connection:
        found = await preferences.compaction_thresholds(connection, call.user.id)
    return answer(CompactionThresholds(thresholds=found))


@endpoint
async def set_threshold(call: Call) -> Response:
    """`PUT /chats/config/user-compaction-thresholds/{config}`."""
    model = _config_id(call)
    body = await read_body(call.request, ThresholdBody)
    percent = body.threshold_percent
    if not 0 <= percent <= _MAX_PERCENT:
        tag = "min" if percent < 0 else "max"
        fault = f'Validation failed for tag "{tag}" with value: "{percent}"'
        raise RequestError(
            400, "Validation failed.", validations=(("threshold_percent", fault),)
        )
    async with call.service.database.write() as connection:
        config = await get_model_config(connection, model)
        if config is None:
            raise not_found()
        if not config.enabled:
            raise bad_request("Model config is disabled.")
        await put_setting(
            connection, f"{preferences.THRESHOLD}{model}", percent, call.user.id
        )
    return answer(CompactionThreshold(model_config_id=model, threshold_percent=percent))


@endpoint
async def drop_threshold(call: Call) -> Response:
    """`DELETE /chats/config/user-compaction-thresholds/{config}`."""
    model = _config_id(call)
    async with call.service.database.write() as connection:
        await drop_setting(connection, f"{preferences.THRESHOLD}{model}", call.user.id)
    return no_content()


def _context(call: Call, known: tuple[str, ...], message: str) -> str:
    context: str = call.request.path_params["context"]
    if context not in known:
        expected = ", ".join(known)
        raise bad_request(
            message, detail=f'Expected one of {expected}. Got "{context}".'
        )
    return context


def _config_id(call: Call) -> ModelConfigId:
    try:
        return ModelConfigId(normal_uuid(call.request.path_params["config"]))
    except ValueError as error:
        raise bad_request("Invalid chat model config ID.", detail=str(error)) from None


def _override_id(text: str) -> str:
    try:
        model = normal_uuid(text)
    except ValueError:
        raise bad_request(
            "Invalid model_config_id.", detail=f'Value "{text}" is not a valid UUID.'
        ) from None
    if model == ZERO_UUID:
        raise bad_request("Invalid model_config_id.")
    return model


async def _personal_model(connection: AsyncConnection, call: Call, text: str) -> str:
    if not text:
        raise bad_request("model_config_id is required when mode is model.")
    model = _override_id(text)
    config = await get_model_config(connection, model)
    if config is None or not config.enabled:
        raise bad_request("The model config does not exist or is not enabled.")
    if not config.provider_enabled:
        raise bad_request("The provider of the model config is not enabled.")
    provider = await get_provider(connection, config.ai_provider_id)
    own = await user_key(connection, call.user.id, config.ai_provider_id)
    may_own = call.service.settings.allow_user_keys
    has_key = (own and may_own) or (provider and provider.keys)
    if provider is None or not (has_key or provider.type in MAY_LACK_KEYS):
        raise bad_request("There is no API key for the provider of the model config.")
    return model
