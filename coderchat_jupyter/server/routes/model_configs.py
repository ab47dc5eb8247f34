"""Model configurations: listed for all, changed by administrators."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.failures import RequestError, bad_request, not_found
from coderchat_jupyter.server.known_prices import priced
from coderchat_jupyter.server.routes._bodies import (
    CreateModelConfigBody,
    UpdateModelConfigBody,
)
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    only_admin,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage import model_configs, providers
from coderchat_jupyter.server.storage.rows import ModelConfigRow, ProviderRecord
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.providers import PROVIDER_TYPES

__all__ = [
    "check_changes",
    "check_new",
    "config_id_of",
    "create",
    "create_from",
    "delete",
    "list_configs",
    "update",
    "update_from",
]

_THRESHOLD: Final = 70

# Of a price, before or behind the point: nothing costs that much or that little.
_MAX_DIGITS: Final = 30


@endpoint
async def list_configs(call: Call) -> Response:
    """`GET /chats/model-configs`."""
    async with call.service.database.read() as connection:
        rows = await model_configs.list_model_configs(connection)
    if not call.user.is_admin:
        rows = [row for row in rows if row.enabled and row.provider_enabled]
    return answer([present.model_config(row) for row in rows])


@endpoint
async def create(call: Call) -> Response:
    """`POST /chats/model-configs`."""
    only_admin(call.user)
    return await create_from(call, await read_body(call.request, CreateModelConfigBody))


async def create_from(
    call: Call, body: CreateModelConfigBody, *, also_disabled: bool = False
) -> Response:
    """Make what a body asks for; the caller is an administrator.

    Args:
        call: The request.
        body: What is asked for.
        also_disabled: Its provider may be disabled.

    Raises:
        RequestError: Something in it is refused.
    """
    if body.ai_provider_id is None:
        raise bad_request("AI provider ID is required.")
    _forget_unknown(call, body.call_config)
    now = call.service.moves.clock()
    async with call.service.database.write() as connection:
        provider = await _provider(
            connection, body.ai_provider_id, also_disabled=also_disabled
        )
        model, limit = check_new(body)
        threshold = body.compression_threshold
        settings = body.call_config
        if not call.service.settings.strict_g1:
            settings = await asyncio.to_thread(
                priced, settings, provider.type, provider.base_url, model
            )
        config_id = await model_configs.add_model_config(
            connection,
            now,
            ai_provider_id=provider.id,
            model=model,
            context_limit=limit,
            display_name=body.display_name.strip(),
            enabled=body.enabled is not False,
            compression_threshold=_THRESHOLD if threshold is None else threshold,
            call_config=settings,
        )
        default = await model_configs.default_model_config(connection)
        if body.is_default or default is None:
            await model_configs.make_default(connection, config_id, now)
        row = await _existing(connection, config_id)
    return answer(present.model_config(row), 201)


@endpoint
async def update(call: Call) -> Response:
    """`PATCH /chats/model-configs/{config}`."""
    only_admin(call.user)
    config_id = config_id_of(call)
    async with call.service.database.read() as connection:
        await _existing(connection, config_id)
    body = await read_body(call.request, UpdateModelConfigBody)
    return await update_from(call, config_id, body)


async def update_from(
    call: Call,
    config_id: ModelConfigId,
    body: UpdateModelConfigBody,
    *,
    also_disabled: bool = False,
) -> Response:
    """Change what a body asks for; the caller is an administrator.

    Args:
        call: The request.
        config_id: Which one.
        body: What is asked for.
        also_disabled: A new provider may be disabled.

    Raises:
        RequestError: Something in it is refused, or there is no such configuration.
    """
    _forget_unknown(call, body.call_config)
    now = call.service.moves.clock()
    async with call.service.database.write() as connection:
        row = await _existing(connection, config_id)
        changes = await _changes(connection, row, body, also_disabled=also_disabled)
        await model_configs.change_model_config(connection, row.id, changes, now)
        if body.is_default:
            await model_configs.make_default(connection, row.id, now)
        elif body.is_default is False and row.is_default:
            await model_configs.change_model_config(
                connection, row.id, {"is_default": False}, now
            )
            await model_configs.elect_default(connection, now, other_than=row.id)
        row = await _existing(connection, config_id)
    return answer(present.model_config(row))


@endpoint
async def delete(call: Call) -> Response:
    """`DELETE /chats/model-configs/{config}`."""
    only_admin(call.user)
    config_id = config_id_of(call)
    now = call.service.moves.clock()
    async with call.service.database.write() as connection:
        row = await _existing(connection, config_id)
        await model_configs.change_model_config(
            connection, row.id, {"deleted": True, "is_default": False}, now
        )
        await model_configs.elect_default(connection, now, other_than=row.id)
    return no_content()


def check_new(body: CreateModelConfigBody) -> tuple[str, int]:
    """The model and its context limit, which must be given.

    Raises:
        RequestError: 400; they are not, or something else in the body is wrong.
    """
    model = body.model.strip()
    if not model:
        raise bad_request("Model is required.")
    if body.context_limit is None or body.context_limit <= 0:
        raise bad_request(
            "Context limit is required.",
            detail="context_limit must be greater than zero.",
        )
    _check_threshold(body.compression_threshold)
    _check_prices(body.call_config)
    return model, body.context_limit


def check_changes(body: UpdateModelConfigBody) -> None:
    """Refuse what no configuration may be changed to, whatever its provider.

    Raises:
        RequestError: 400.
    """
    if body.context_limit is not None and body.context_limit <= 0:
        raise bad_request("Context limit must be greater than zero.")
    _check_threshold(body.compression_threshold)
    _check_prices(body.call_config)


def config_id_of(call: Call) -> ModelConfigId:
    """The id that the path names.

    Raises:
        RequestError: 400; it is no UUID.
    """
    try:
        return ModelConfigId(normal_uuid(call.request.path_params["config"]))
    except ValueError as error:
        raise bad_request("Invalid chat model config ID.", detail=str(error)) from None


def _forget_unknown(call: Call, value: BaseModel | None) -> None:
    """Drop settings without a name here, as v2.34 does.

    A server that need not be strict keeps them: a vendor may know them.
    """
    if value is None or not call.service.settings.strict_g1:
        return
    if value.model_extra:
        value.model_extra.clear()
    for name in type(value).model_fields:
        if isinstance(item := getattr(value, name), BaseModel):
            _forget_unknown(call, item)


async def _existing(
    connection: AsyncConnection, config_id: ModelConfigId
) -> ModelConfigRow:
    row = await model_configs.get_model_config(connection, config_id)
    if row is None:
        raise not_found()
    return row


async def _provider(
    connection: AsyncConnection, provider_id: str, *, also_disabled: bool
) -> ProviderRecord:
    found = await providers.get_provider(connection, provider_id)
    if found is None or found.deleted:
        raise RequestError(412, "AI provider is not configured.")
    if not found.enabled and not also_disabled:
        raise RequestError(412, "AI provider is disabled.")
    return found


async def _changes(
    connection: AsyncConnection,
    row: ModelConfigRow,
    body: UpdateModelConfigBody,
    *,
    also_disabled: bool,
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if body.ai_provider_id is not None:
        provider = await _provider(
            connection, body.ai_provider_id, also_disabled=also_disabled
        )
        changes["ai_provider_id"] = provider.id
    elif body.provider.strip():
        named = body.provider.strip().lower()
        if named not in PROVIDER_TYPES and named != row.provider:
            raise bad_request("Invalid provider.")
        if named != row.provider:
            raise bad_request("AI provider ID is required when updating provider.")
    check_changes(body)
    if model := body.model.strip():
        changes["model"] = model
    if name := body.display_name.strip():
        changes["display_name"] = name
    if body.enabled is not None:
        changes["enabled"] = body.enabled
    if body.context_limit is not None:
        changes["context_limit"] = body.context_limit
    if body.compression_threshold is not None:
        changes["compression_threshold"] = body.compression_threshold
    if body.call_config is not None:
        changes["call_config"] = encode(body.call_config)
    return changes


def _check_threshold(threshold: int | None) -> None:
    if threshold is not None and not 0 <= threshold <= 100:
        raise bad_request(
            "Invalid compression threshold.",
            detail="context_compression_threshold must be between 0 and 100",
        )


def _check_prices(config: CallConfig | None) -> None:
    cost = config.cost if config else None
    for name in type(cost).model_fields if cost else ():
        price = getattr(cost, name)
        if price is None:
            continue
        if not price.is_finite() or abs(price.adjusted()) > _MAX_DIGITS:
            fault = "must be a number"
        elif price < 0:
            fault = "must be greater than or equal to zero"
        else:
            continue
        raise bad_request("Invalid model config.", detail=f"cost.{name} {fault}")
