"""Whether the calls of the models are recorded in detail."""

from __future__ import annotations

from starlette.responses import Response

from coderchat_jupyter.server.engine import preferences
from coderchat_jupyter.server.failures import RequestError, not_found
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._config_bodies import (
    AllowUsersBody,
    UserDebugBody,
)
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    only_admin,
)
from coderchat_jupyter.server.storage.settings import put_setting
from coderchat_jupyter.wire.settings import DebugLogging, UserDebugLogging

__all__ = [
    "debug_logging",
    "set_debug_logging",
    "set_user_debug_logging",
    "user_debug_logging",
]


@endpoint
async def debug_logging(call: Call) -> Response:
    """`GET /chats/config/debug-logging`."""
    if not call.user.is_admin:
        raise not_found()
    async with call.service.database.read() as connection:
        allowed = await preferences.debug_logging_allowed(connection)
    return answer(
        DebugLogging(
            allow_users=allowed, forced_by_deployment=call.service.settings.force_debug
        )
    )


@endpoint
async def set_debug_logging(call: Call) -> Response:
    """`PUT /chats/config/debug-logging`."""
    only_admin(call.user)
    body = await read_body(call.request, AllowUsersBody)
    async with call.service.database.write() as connection:
        await put_setting(
            connection, preferences.ALLOW_DEBUG, {"allow_users": body.allow_users}
        )
    return no_content()


@endpoint
async def user_debug_logging(call: Call) -> Response:
    """`GET /chats/config/user-debug-logging`."""
    forced = call.service.settings.force_debug
    async with call.service.database.read() as connection:
        allowed = await preferences.debug_logging_allowed(connection)
        wanted = await preferences.debug_logging_wanted(connection, call.user.id)
    return answer(
        UserDebugLogging(
            debug_logging_enabled=forced or wanted,
            user_toggle_allowed=allowed and not forced,
            forced_by_deployment=forced,
        )
    )


@endpoint
async def set_user_debug_logging(call: Call) -> Response:
    """`PUT /chats/config/user-debug-logging`."""
    if call.service.settings.force_debug:
        raise RequestError(409, "Debug logging is forced on by the deployment.")
    async with call.service.database.read() as connection:
        allowed = await preferences.debug_logging_allowed(connection)
    if not allowed:
        raise RequestError(
            403, "An administrator has not let users switch debug logging on."
        )
    body = await read_body(call.request, UserDebugBody)
    async with call.service.database.write() as connection:
        await put_setting(
            connection,
            preferences.USER_DEBUG,
            body.debug_logging_enabled,
            call.user.id,
        )
    return no_content()
