"""AI providers, for administrators; and the older provider calls, which are gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response
from starlette.routing import Route

from coderchat_jupyter.server import present
from coderchat_jupyter.server.failures import RequestError, bad_request, not_found
from coderchat_jupyter.server.provider_rules import (
    COPILOT,
    PROVIDER_NAME,
    identity_faults,
    key_faults,
    keyless_faults,
    url_faults,
)
from coderchat_jupyter.server.provider_settings import (
    sealed_settings,
    settings_faults,
)
from coderchat_jupyter.server.routes._bodies import (
    CreateProviderBody,
    KeyChangeBody,
    UpdateProviderBody,
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
from coderchat_jupyter.server.storage import providers
from coderchat_jupyter.server.storage.rows import ProviderRecord

__all__ = ["create", "delete", "get", "gone_routes", "list_providers", "update"]

_CAP: Final = 2**20


@endpoint
async def list_providers(call: Call) -> Response:
    """`GET /api/v2/ai/providers`."""
    only_admin(call.user)
    async with call.service.database.read() as connection:
        rows = await providers.list_providers(connection)
    return answer([present.provider(row) for row in rows])


@endpoint
async def get(call: Call) -> Response:
    """`GET /api/v2/ai/providers/{provider}`, by id or name."""
    only_admin(call.user)
    async with call.service.database.read() as connection:
        row = await _named(connection, call)
    return answer(present.provider(row))


@endpoint
async def create(call: Call) -> Response:
    """`POST /api/v2/ai/providers`."""
    only_admin(call.user)
    body = await read_body(call.request, CreateProviderBody, cap=_CAP)
    faults = [
        *identity_faults(body.type, body.name),
        *url_faults(body.type, body.base_url),
    ]
    for index, key in enumerate(body.api_keys):
        faults.extend(key_faults(index, key))
    faults.extend(settings_faults(body.type, body.settings))
    faults.extend(keyless_faults(body.type, body.api_keys))
    _refuse_if(faults)
    now = call.service.moves.clock()
    async with call.service.database.write() as connection:
        if await providers.find_provider(connection, body.name) is not None:
            raise RequestError(
                409, f'An AI provider with the name "{body.name}" already exists.'
            )
        provider_id = await providers.add_provider(
            connection,
            now,
            type=body.type,
            name=body.name,
            display_name=body.display_name.strip(),
            enabled=body.enabled,
            base_url=body.base_url,
            settings=body.settings
            and sealed_settings(body.settings, call.service.database.sealer),
        )
        await providers.add_keys(
            connection, provider_id, body.api_keys, call.service.database.sealer, now
        )
        row = await _existing(connection, provider_id)
    return answer(present.provider(row), 201)


@endpoint
async def update(call: Call) -> Response:
    """`PATCH /api/v2/ai/providers/{provider}`."""
    only_admin(call.user)
    body = await read_body(call.request, UpdateProviderBody, cap=_CAP)
    now = call.service.moves.clock()
    async with call.service.database.write() as connection:
        row = await _named(connection, call)
        changes = {
            name: value
            for name in ("display_name", "enabled", "base_url", "settings")
            if (value := getattr(body, name)) is not None
        }
        if not changes and body.api_keys is None:
            raise bad_request("At least one field must be provided.")
        faults: list[tuple[str, str]] = []
        if body.base_url is not None:
            faults.extend(url_faults(row.type, body.base_url))
        faults.extend(_key_change_faults(row, body.api_keys or []))
        faults.extend(settings_faults(row.type, body.settings))
        _refuse_if(faults)
        if row.type == COPILOT and body.api_keys:
            raise bad_request("Copilot providers do not accept api_keys.")
        if body.settings:
            sealer = call.service.database.sealer
            changes["settings"] = sealed_settings(body.settings, sealer, row.settings)
        await providers.change_provider(connection, row.id, changes, now)
        if body.api_keys is not None:
            keep = [change.id for change in body.api_keys if change.id]
            await providers.drop_keys(connection, row.id, keep=keep)
            new = [change.api_key for change in body.api_keys if change.api_key]
            sealer = call.service.database.sealer
            await providers.add_keys(connection, row.id, new, sealer, now)
        row = await _existing(connection, row.id)
    return answer(present.provider(row))


@endpoint
async def delete(call: Call) -> Response:
    """`DELETE /api/v2/ai/providers/{provider}`: hidden, its keys destroyed."""
    only_admin(call.user)
    now = call.service.moves.clock()
    async with call.service.database.write() as connection:
        row = await _named(connection, call)
        await providers.drop_keys(connection, row.id)
        await providers.change_provider(connection, row.id, {"deleted": True}, now)
    return no_content()


def gone_routes(root: str) -> list[Route]:
    """The provider calls that v2.34 removed, every method of them."""
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Route(path, _gone, methods=methods)
        for name in ("providers", "user-provider-configs")
        for path in (f"{root}/{name}", f"{root}/{name}/{{id}}")
    ]


@endpoint
async def _gone(_: Call) -> Response:
    raise RequestError(
        410,
        "Legacy chat provider APIs were removed. Use AI provider APIs instead.",
        detail="See https://coder.com/docs/ai-coder/agents/models#providers "
        "for AI provider configuration.",
    )


async def _named(connection: AsyncConnection, call: Call) -> ProviderRecord:
    text = call.request.path_params["provider"]
    try:
        wanted = normal_uuid(text)
    except ValueError:
        if PROVIDER_NAME.fullmatch(text) is None:
            raise bad_request("Invalid AI provider ID or name.") from None
        wanted = text
    return await _existing(connection, wanted)


async def _existing(connection: AsyncConnection, id_or_name: str) -> ProviderRecord:
    row = await providers.find_provider(connection, id_or_name)
    if row is None:
        raise not_found()
    return row


def _refuse_if(faults: list[tuple[str, str]]) -> None:
    if faults:
        raise RequestError(400, "Invalid AI provider request.", validations=faults)


def _key_change_faults(
    row: ProviderRecord, changes: list[KeyChangeBody]
) -> Iterator[tuple[str, Any]]:
    held = {key.id for key in row.keys}
    for index, change in enumerate(changes):
        if change.api_key is not None:
            yield from key_faults(index, change.api_key)
        if bool(change.id) == (change.api_key is not None):
            yield f"api_keys[{index}]", "must have either an id or an api_key"
        elif change.id and change.id not in held:
            yield f"api_keys[{index}]", "is not a key of this provider"
