"""Model configurations: they name the type of their provider, and have no prices."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.failures import bad_request, not_found
from coderchat_jupyter.server.older import shapes
from coderchat_jupyter.server.older._providers import provider_of_type
from coderchat_jupyter.server.routes import model_configs
from coderchat_jupyter.server.routes._bodies import (
    CreateModelConfigBody,
    UpdateModelConfigBody,
)
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    only_admin,
)
from coderchat_jupyter.server.storage.model_configs import (
    get_model_config,
    list_model_configs,
)
from coderchat_jupyter.server.storage.rows import ProviderRecord
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.providers import PROVIDER_TYPES

__all__ = ["create", "list_configs", "update"]


@endpoint
async def list_configs(call: Call) -> Response:
    """`GET /chats/model-configs`: all for administrators, else those of use."""
    async with call.service.database.read() as connection:
        rows = await list_model_configs(connection)
    told = (
        present.model_config(row)
        for row in rows
        if call.user.is_admin or (row.enabled and row.provider_enabled)
    )
    return answer([shapes.model_config(encode(one)) for one in told])


@endpoint
async def create(call: Call) -> Response:
    """`POST /chats/model-configs`."""
    only_admin(call.user)
    body = await read_body(call.request, CreateModelConfigBody)
    provider = await _provider(call, body.provider)
    model_configs.check_new(body)
    changes = {
        "ai_provider_id": _configured(provider).id,
        "call_config": _priced(body.call_config, None),
    }
    made = await model_configs.create_from(
        call, body.model_copy(update=changes), also_disabled=True
    )
    return _older(made)


@endpoint
async def update(call: Call) -> Response:
    """`PATCH /chats/model-configs/{config}`; prices stay as they are."""
    only_admin(call.user)
    config_id = model_configs.config_id_of(call)
    async with call.service.database.read() as connection:
        row = await get_model_config(connection, config_id)
    if row is None:
        raise not_found()
    body = await read_body(call.request, UpdateModelConfigBody)
    changes: dict[str, Any] = {
        "ai_provider_id": None,
        "call_config": _priced(body.call_config, row.call_config.cost),
    }
    if body.provider.strip().lower() not in ("", row.provider):
        provider = await _provider(call, body.provider)
        model_configs.check_changes(body)
        changes["ai_provider_id"] = _configured(provider).id
    changed = await model_configs.update_from(
        call, config_id, body.model_copy(update=changes), also_disabled=True
    )
    return _older(changed)


async def _provider(call: Call, name: str) -> ProviderRecord | None:
    """The provider of a type, if there is one."""
    kind = name.strip().lower()
    async with call.service.database.read() as connection:
        found = await provider_of_type(connection, kind)
    if found is None and kind not in PROVIDER_TYPES:
        raise bad_request(
            "Invalid provider.", detail=f"Use one of {', '.join(PROVIDER_TYPES)}"
        )
    return found


def _configured(provider: ProviderRecord | None) -> ProviderRecord:
    """That it is missing is told last, after what else is wrong."""
    if provider is None:
        raise bad_request("Chat provider is not configured.")
    return provider


def _priced(config: CallConfig | None, cost: Prices | None) -> CallConfig | None:
    return config and config.model_copy(update={"cost": cost})


def _older(newer: Response) -> Response:
    told = shapes.model_config(json.loads(bytes(newer.body)))
    return answer(told, newer.status_code)
