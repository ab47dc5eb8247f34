"""Providers, for administrators: one of each type, with at most one key."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from coderchat_jupyter.server.failures import RequestError, bad_request, not_found
from coderchat_jupyter.server.older._bodies import (
    CreateProviderBody,
    UpdateProviderBody,
)
from coderchat_jupyter.server.older._providers import (
    USUAL_URLS,
    possible,
    provider_of_type,
    shown,
)
from coderchat_jupyter.server.provider_rules import url_faults
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    only_admin,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.secret_rules import ONE_LINE, is_one_line
from coderchat_jupyter.server.storage import model_configs, providers
from coderchat_jupyter.server.storage.rows import ProviderRecord
from coderchat_jupyter.wire.providers import PROVIDER_TYPES

__all__ = ["create", "delete", "list_providers", "update"]

_TYPES: Final = tuple(PROVIDER_TYPES)
_MAX_KEY_BYTES: Final = 10_240


@endpoint
async def list_providers(call: Call) -> Response:
    """`GET /chats/providers`: every type there can be, then those of our own."""
    only_admin(call.user)
    async with call.service.database.read() as connection:
        own = {row.type for row in await providers.list_providers(connection)}
        kinds = (*_TYPES, *sorted(own.difference(_TYPES)))
        rows = {kind: await provider_of_type(connection, kind) for kind in kinds}
    return answer([shown(row) if row else possible(kind) for kind, row in rows.items()])


@endpoint
async def create(call: Call) -> Response:
    """`POST /chats/providers`."""
    only_admin(call.user)
    body = await read_body(call.request, CreateProviderBody)
    kind = body.provider.strip().lower()
    if kind not in _TYPES:
        raise bad_request("Invalid provider.", detail=f"Use one of {', '.join(_TYPES)}")
    _check_key(body.api_key)
    base_url = _address(kind, body.base_url)
    now = call.service.moves.clock()
    async with call.service.database.write() as connection:
        if await provider_of_type(connection, kind) is not None:
            raise RequestError(409, "Chat provider already exists.")
        taken = await providers.find_provider(connection, kind)
        provider_id = await providers.add_provider(
            connection,
            now,
            type=kind,
            # One of another type may be called so.
            name=f"{kind}-{uuid4().hex[:8]}" if taken else kind,
            display_name=body.display_name.strip() or PROVIDER_TYPES[kind],
            enabled=body.enabled is not False,
            base_url=base_url,
        )
        await _set_key(call, connection, provider_id, body.api_key)
        row = await _existing(connection, provider_id)
    return answer(shown(row), 201)


@endpoint
async def update(call: Call) -> Response:
    """`PATCH /chats/providers/{provider}`."""
    only_admin(call.user)
    provider_id = _provider_id(call)
    body = await read_body(call.request, UpdateProviderBody)
    _check_key(body.api_key)
    async with call.service.database.write() as connection:
        row = await _existing(connection, provider_id)
        changes: dict[str, object] = {}
        if name := body.display_name.strip():
            changes["display_name"] = name
        if body.enabled is not None:
            changes["enabled"] = body.enabled
        if body.base_url is not None:
            changes["base_url"] = _address(row.type, body.base_url)
        now = call.service.moves.clock()
        await providers.change_provider(connection, row.id, changes, now)
        if body.api_key is not None:
            await providers.drop_keys(connection, row.id)
            await _set_key(call, connection, row.id, body.api_key)
        row = await _existing(connection, provider_id)
    return answer(shown(row))


@endpoint
async def delete(call: Call) -> Response:
    """`DELETE /chats/providers/{provider}`: and the models that it runs."""
    only_admin(call.user)
    provider_id = _provider_id(call)
    now = call.service.moves.clock()
    async with call.service.database.write() as connection:
        row = await _existing(connection, provider_id)
        for config in await model_configs.list_model_configs(connection):
            if config.ai_provider_id == row.id:
                gone = {"deleted": True, "is_default": False}
                await model_configs.change_model_config(
                    connection, config.id, gone, now
                )
                await model_configs.elect_default(connection, now, other_than=config.id)
        await providers.drop_keys(connection, row.id)
        await providers.change_provider(connection, row.id, {"deleted": True}, now)
    return no_content()


def _provider_id(call: Call) -> str:
    try:
        return normal_uuid(call.request.path_params["provider"])
    except ValueError as error:
        raise bad_request("Invalid chat provider ID.", detail=str(error)) from None


async def _existing(connection: AsyncConnection, provider_id: str) -> ProviderRecord:
    row = await providers.get_provider(connection, provider_id)
    if row is None or row.deleted:
        raise not_found()
    return row


def _check_key(key: SecretStr | None) -> None:
    value = key.get_secret_value().strip() if key else ""
    if len(value.encode()) > _MAX_KEY_BYTES:
        raise bad_request(f"API key exceeds {_MAX_KEY_BYTES} bytes.")
    if not is_one_line(SecretStr(value)):
        raise bad_request(f"API key must be {ONE_LINE}.")


async def _set_key(
    call: Call, connection: AsyncConnection, provider_id: str, key: SecretStr | None
) -> None:
    value = key.get_secret_value().strip() if key else ""
    if value:
        sealer = call.service.database.sealer
        row = await _existing(connection, provider_id)
        now = call.service.moves.clock()
        await providers.add_keys(connection, row.id, [SecretStr(value)], sealer, now)


def _address(kind: str, given: str) -> str:
    """Where to call; the usual address of the type, if it has one, for nothing."""
    url = given.strip() or USUAL_URLS.get(kind, "")
    for _, fault in url_faults(kind, url) if url else ():
        raise bad_request("Invalid base URL.", detail=f"base_url {fault}")
    return url
