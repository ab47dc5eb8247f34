"""Keys that users bring for AI providers. What a key is, nobody is told."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from coderchat_jupyter.server.failures import RequestError, bad_request, not_found
from coderchat_jupyter.server.routes._body import Body, Secret, read_body
from coderchat_jupyter.server.routes._endpoint import Call, answer, endpoint
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.routes.users import user_named
from coderchat_jupyter.server.secret_rules import ONE_LINE, is_one_line
from coderchat_jupyter.server.storage.providers import (
    all_providers,
    get_provider,
)
from coderchat_jupyter.server.storage.rows import ProviderRecord
from coderchat_jupyter.server.storage.user_keys import (
    drop_user_key,
    keyed_providers,
    put_user_key,
)
from coderchat_jupyter.wire.ids import ProviderId
from coderchat_jupyter.wire.keys import AIProviderSummary, UserKey

__all__ = ["UserKeyBody", "delete", "list_keys", "put"]

_MAX_BYTES: Final = 10_240


class UserKeyBody(Body):
    """Of `PUT /users/{user}/ai-provider-keys/{provider}`."""

    api_key: Secret | None = None


@endpoint
async def list_keys(call: Call) -> Response:
    """`GET /users/{user}/ai-provider-keys`."""
    user = await user_named(call)
    async with call.service.database.read() as connection:
        held = await keyed_providers(connection, user.id)
        found = await all_providers(connection)
    return answer(
        [
            _shown(call, provider, has_key=provider.id in held)
            for provider in found
            if provider.id in held or (provider.enabled and not provider.deleted)
        ]
    )


@endpoint
async def put(call: Call) -> Response:
    """`PUT /users/{user}/ai-provider-keys/{provider}`."""
    user = await user_named(call)
    if not call.service.settings.allow_user_keys:
        raise RequestError(403, "Bring-your-own-key is disabled for this deployment.")
    provider_id = _provider_id(call)
    body = await read_body(call.request, UserKeyBody)
    async with call.service.database.write() as connection:
        provider = await get_provider(connection, provider_id)
        if provider is None or provider.deleted:
            raise not_found()
        if not provider.enabled:
            raise RequestError(412, "AI provider is disabled.")
        if body.api_key is None:
            raise bad_request("API key is required.")
        text = body.api_key.get_secret_value()
        if len(text.encode()) > _MAX_BYTES:
            raise bad_request(
                "API key is too large.",
                detail=f"API key must be at most {_MAX_BYTES} bytes.",
            )
        if not text:
            raise bad_request("API key is required.")
        if text != text.strip():
            raise bad_request(
                "API key must not contain leading or trailing whitespace."
            )
        if not is_one_line(body.api_key):
            raise bad_request(f"API key must be {ONE_LINE}.")
        await put_user_key(
            connection,
            user.id,
            provider_id,
            body.api_key,
            call.service.database.sealer,
            call.service.moves.clock(),
        )
    return answer(_shown(call, provider, has_key=True))


@endpoint
async def delete(call: Call) -> Response:
    """`DELETE /users/{user}/ai-provider-keys/{provider}`: as often as one likes."""
    user = await user_named(call)
    provider_id = _provider_id(call)
    async with call.service.database.write() as connection:
        await drop_user_key(connection, user.id, provider_id)
    # The reference names a type although there is no body.
    return Response(
        status_code=204, headers={"content-type": "application/json; charset=utf-8"}
    )


def _provider_id(call: Call) -> ProviderId:
    try:
        return ProviderId(normal_uuid(call.request.path_params["provider"]))
    except ValueError:
        raise bad_request("Invalid AI provider ID.") from None


def _shown(call: Call, provider: ProviderRecord, *, has_key: bool) -> UserKey:
    return UserKey(
        provider=AIProviderSummary(
            id=provider.id,
            type=provider.type,
            name=provider.name,
            display_name=provider.display_name,
            enabled=provider.enabled,
            deleted=provider.deleted,
        ),
        has_user_api_key=has_key,
        has_provider_api_key=bool(provider.keys),
        byok_enabled=call.service.settings.allow_user_keys,
    )
