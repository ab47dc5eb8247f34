"""Settings of the deployment that are one object each: read whole, replaced whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response
from starlette.routing import Route

from coderchat_jupyter.server.engine.preferences import (
    AUTO_ARCHIVE,
    DEBUG_RETENTION,
    DEFAULT_DAYS,
    RETENTION,
)
from coderchat_jupyter.server.failures import bad_request, not_found
from coderchat_jupyter.server.routes import _config_bodies as bodies
from coderchat_jupyter.server.routes._body import Body, read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    only_admin,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage.model_configs import get_model_config
from coderchat_jupyter.server.storage.settings import get_setting, put_setting
from coderchat_jupyter.wire.ids import ZERO_UUID

__all__ = ["plain_routes", "stored_object"]

_MINUTE_MS: Final = 60_000
_MAX_TTL_MS: Final = 30 * 24 * 60 * _MINUTE_MS
_MAX_DAYS: Final = 3650

Check: TypeAlias = Callable[[AsyncConnection, Any], Awaitable[None]]


async def _anything(_: AsyncConnection, __: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Setting:
    """One of them.

    Attributes:
        path: Its address below `/chats/config`, and its name in storage.
        body: What is sent to change it, and stored.
        default: What counts while nothing is stored.
        check: Refuses values.
        is_open: Everybody may read it; for others it does not exist.
        hides: Who may not change it is told that it does not exist.
    """

    path: str
    body: type[Body]
    default: dict[str, Any]
    check: Check = _anything
    is_open: bool = True
    hides: bool = False


def _days(path: str, label: str, body: type[Body]) -> _Setting:
    async def check(_: AsyncConnection, body: Body) -> None:
        (days,) = body.model_dump().values()
        if not 0 <= days <= _MAX_DAYS:
            raise bad_request(f"{label} must be between 0 and {_MAX_DAYS}.")

    (field,) = body.model_fields
    return _Setting(path, body, {field: DEFAULT_DAYS[path]}, check)


async def _check_ttl(_: AsyncConnection, body: bodies.WorkspaceTTLBody) -> None:
    ttl = body.workspace_ttl_ms
    if ttl < 0:
        raise bad_request("Workspace TTL must be non-negative.")
    if 0 < ttl < _MINUTE_MS:
        raise bad_request("Workspace TTL must not be less than 1 minute.")
    if ttl > _MAX_TTL_MS:
        raise bad_request("Workspace TTL must not exceed 30 days.")


async def _check_computer_use(_: AsyncConnection, body: bodies.ComputerUseBody) -> None:
    if body.provider not in ("anthropic", "openai"):
        raise bad_request(
            "Invalid computer use provider.",
            detail=f'Expected one of: anthropic, openai. Got "{body.provider}".',
        )


async def _check_advisor(connection: AsyncConnection, body: bodies.AdvisorBody) -> None:
    for name in ("max_uses_per_run", "max_output_tokens"):
        if (value := getattr(body, name)) < 0:
            raise bad_request(f"{name} {value} must be non-negative.")
    model = body.model_config_id
    if model != ZERO_UUID and await get_model_config(connection, model) is None:
        raise bad_request("The advisor's model config does not exist.")


async def _check_templates(_: AsyncConnection, body: bodies.TemplatesBody) -> None:
    wanted = []
    for text in body.template_ids:
        try:
            wanted.append(normal_uuid(text))
        except ValueError:
            raise bad_request(
                "Invalid template ID in allowlist.",
                detail=f'"{text}" is not a valid UUID.',
            ) from None
    # There are no workspaces here, and so no templates to make them of.
    if wanted:
        missing = ", ".join(dict.fromkeys(wanted))
        raise bad_request(
            "One or more templates do not exist or are deprecated.",
            detail=f"Not found: {missing}",
        )


_SETTINGS: Final = (
    _Setting(
        "personal-model-overrides",
        bodies.AllowUsersBody,
        {"allow_users": False},
        is_open=False,
    ),
    _Setting("desktop-enabled", bodies.DesktopBody, {"enable_desktop": False}),
    _Setting(
        "computer-use-provider",
        bodies.ComputerUseBody,
        {"provider": "anthropic"},
        _check_computer_use,
    ),
    _Setting(
        "advisor", bodies.AdvisorBody, bodies.AdvisorBody().model_dump(), _check_advisor
    ),
    _Setting(
        "workspace-ttl", bodies.WorkspaceTTLBody, {"workspace_ttl_ms": 0}, _check_ttl
    ),
    _days(RETENTION, "Retention days", bodies.RetentionBody),
    _days(DEBUG_RETENTION, "Chat debug retention days", bodies.DebugRetentionBody),
    _days(AUTO_ARCHIVE, "Auto-archive days", bodies.AutoArchiveBody),
    _Setting(
        "template-allowlist",
        bodies.TemplatesBody,
        {"template_ids": []},
        _check_templates,
        is_open=False,
        hides=True,
    ),
)

_DEFAULTS: Final = {setting.path: setting.default for setting in _SETTINGS}


async def stored_object(connection: AsyncConnection, path: str) -> dict[str, Any]:
    """One of these settings, as it is now."""
    return await get_setting(connection, path) or _DEFAULTS[path]


def plain_routes(root: str) -> list[Route]:
    """Reading and changing each of them, below `root`."""
    return [
        route
        for setting in _SETTINGS
        for route in (
            Route(f"{root}/{setting.path}", _reader(setting)),
            Route(f"{root}/{setting.path}", _writer(setting), methods=["PUT"]),
        )
    ]


def _reader(setting: _Setting) -> Any:
    @endpoint
    async def read(call: Call) -> Response:
        if not (setting.is_open or call.user.is_admin):
            raise not_found()
        async with call.service.database.read() as connection:
            return answer(await stored_object(connection, setting.path))

    return read


def _writer(setting: _Setting) -> Any:
    @endpoint
    async def write(call: Call) -> Response:
        if setting.hides and not call.user.is_admin:
            raise not_found()
        only_admin(call.user)
        body = await read_body(call.request, setting.body)
        async with call.service.database.write() as connection:
            await setting.check(connection, body)
            await put_setting(connection, setting.path, body.model_dump())
        return no_content()

    return write
