"""The application: every route, and how what is refused is told."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from coderchat_jupyter.server.engine.models import Build
from coderchat_jupyter.server.engine.moves import ChatGoneError
from coderchat_jupyter.server.failures import RequestError, not_found, route_not_found
from coderchat_jupyter.server.logs import RequestLog
from coderchat_jupyter.server.older.routes import older_routes
from coderchat_jupyter.server.openapi import document as openapi
from coderchat_jupyter.server.providers import build_provider
from coderchat_jupyter.server.rate_limits import RateLimits
from coderchat_jupyter.server.routes import (
    chat_list,
    chats,
    config,
    cost,
    debug,
    files,
    groups,
    mcp_oauth,
    mcp_servers,
    messages,
    model_configs,
    models,
    providers,
    queue,
    sharing,
    stream,
    titles,
    tool_results,
    usage_limits,
    user_keys,
    users,
    watch,
    workspaces,
)
from coderchat_jupyter.server.routes._endpoint import refused, service_of
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.settings import ServerSettings
from coderchat_jupyter.server.unexpected import Unexpected, internal_error
from coderchat_jupyter.wire.routes import (
    AI_PROVIDERS,
    BUILD_INFO,
    EXPERIMENTAL,
    ORGANIZATIONS,
    VERSION_HEADER,
)

__all__ = ["create_app"]


_TALKATIVE: Final = (
    "aiosqlite",
    "anthropic",
    "httpcore",
    "httpcore2",
    "httpx2",
    "openai",
    "uvicorn.error",
)


class _ChatConvertor(StringConvertor):
    """The segment that names a chat: none of the nouns that lie beside the chats.

    Those that are not built must be absent, and not be read as the id of a chat.
    """

    regex = (
        "(?!(?:by-workspace|config|cost|files|insights|model-configs|models"
        "|providers|usage-limits|user-provider-configs|watch)(?:/|$))[^/]+"
    )


register_url_convertor("chat", _ChatConvertor())


def create_app(settings: ServerSettings, build: Build = build_provider) -> Starlette:
    """The server as an ASGI application; it opens its database when it starts.

    Args:
        settings: How it behaves.
        build: Makes the adapter of a provider that is configured.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with Service.running(settings, build) as service:
            app.state.service = service
            yield

    _keep_secrets_out_of_logs()
    is_older = settings.speak == "g0"
    app = Starlette(
        routes=[
            Route("/healthz", _healthy),
            *(older_routes() if is_older else _experimental()),
            *_neighbours(),
            *([] if is_older else _ai_providers()),
            *([] if is_older else [Route(openapi.PATH, openapi.serve)]),
            WebSocketRoute("/{path:path}", _no_socket),
        ],
        lifespan=lifespan,
        exception_handlers={
            RequestError: _refuse,
            ChatGoneError: _gone,
            HTTPException: _http,
            Exception: _broken,
        },
    )
    app.add_middleware(Unexpected)
    if settings.api_rate_limit or settings.files_rate_limit:
        app.add_middleware(
            RateLimits,
            general=settings.api_rate_limit,
            files=settings.files_rate_limit,
        )
    app.add_middleware(_Versioned, version=settings.version)
    if settings.log_requests:
        app.add_middleware(RequestLog)
    app.router.redirect_slashes = False
    return app


def _keep_secrets_out_of_logs() -> None:
    """What tells headers, addresses or values stays silent, whatever the root says."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)


def _experimental() -> list[BaseRoute]:
    root = f"{EXPERIMENTAL}/chats"
    chat = f"{root}/{{chat:chat}}"
    keys = f"{EXPERIMENTAL}/users/{{user}}/ai-provider-keys"
    models_root = f"{root}/model-configs"
    return [
        Route(root, chat_list.list_chats),
        Route(root, chats.create, methods=["POST"]),
        Route(f"{root}/models", models.catalogue),
        Route(models_root, model_configs.list_configs),
        Route(models_root, model_configs.create, methods=["POST"]),
        Route(f"{models_root}/{{config}}", model_configs.update, methods=["PATCH"]),
        Route(f"{models_root}/{{config}}", model_configs.delete, methods=["DELETE"]),
        *config.config_routes(root),
        *providers.gone_routes(root),
        Route(keys, user_keys.list_keys),
        Route(f"{keys}/{{provider}}", user_keys.put, methods=["PUT"]),
        Route(f"{keys}/{{provider}}", user_keys.delete, methods=["DELETE"]),
        *mcp_servers.mcp_routes(EXPERIMENTAL),
        *mcp_oauth.mcp_oauth_routes(EXPERIMENTAL),
        *usage_limits.all_routes(root),
        Route(f"{root}/by-workspace", workspaces.by_workspace),
        Route(f"{root}/files", files.upload, methods=["POST"]),
        Route(f"{root}/files/{{file}}", files.fetch),
        Route(f"{root}/cost/users", cost.by_user),
        Route(f"{root}/cost/{{user}}/summary", cost.summary),
        Route(f"{root}/insights/pull-requests", cost.pull_requests),
        Route(chat, chats.get),
        Route(chat, chats.update, methods=["PATCH"]),
        Route(f"{chat}/messages", messages.page),
        Route(f"{chat}/messages", messages.send, methods=["POST"]),
        Route(f"{chat}/messages/{{message}}", messages.edit, methods=["PATCH"]),
        Route(f"{chat}/prompts", messages.prompts),
        Route(f"{chat}/diff", workspaces.diff),
        Route(f"{chat}/debug/runs", debug.list_runs),
        Route(f"{chat}/debug/runs/{{run}}", debug.get),
        Route(f"{chat}/acl", sharing.get),
        Route(f"{chat}/acl", sharing.update, methods=["PATCH"]),
        Route(f"{chat}/interrupt", chats.interrupt, methods=["POST"]),
        Route(f"{chat}/queue/{{queued}}", queue.drop, methods=["DELETE"]),
        Route(f"{chat}/queue/{{queued}}/promote", queue.promote, methods=["POST"]),
        Route(f"{chat}/title/propose", titles.propose, methods=["POST"]),
        Route(f"{chat}/title/regenerate", titles.regenerate, methods=["POST"]),
        Route(f"{chat}/tool-results", tool_results.submit, methods=["POST"]),
        Route(f"{root}/watch", watch.watch_without_socket),
        WebSocketRoute(f"{root}/watch", watch.watch),
        Route(f"{chat}/stream", stream.stream_without_socket),
        WebSocketRoute(f"{chat}/stream", stream.stream),
        *(
            route
            for view in ("git", "desktop")
            for route in (
                Route(f"{chat}/stream/{view}", workspaces.watch),
                WebSocketRoute(f"{chat}/stream/{view}", workspaces.watch_over_socket),
            )
        ),
    ]


def _neighbours() -> list[BaseRoute]:
    root = "/api/v2"
    return [
        Route(BUILD_INFO, users.build_info),
        Route(f"{root}/users", users.list_users),
        Route(f"{root}/users/{{user}}", users.get_user),
        Route(f"{root}/users/{{user}}/organizations", users.organizations_of),
        Route(ORGANIZATIONS, users.list_organizations),
        Route(f"{ORGANIZATIONS}/{{organization}}", users.get_organization),
        *groups.group_routes(root),
    ]


def _ai_providers() -> list[BaseRoute]:
    provider = f"{AI_PROVIDERS}/{{provider}}"
    return [
        Route(AI_PROVIDERS, providers.list_providers),
        Route(AI_PROVIDERS, providers.create, methods=["POST"]),
        Route(provider, providers.get),
        Route(provider, providers.update, methods=["PATCH"]),
        Route(provider, providers.delete, methods=["DELETE"]),
    ]


async def _healthy(request: Request) -> Response:
    fault = await service_of(request).database.fault()
    return PlainTextResponse(fault or "OK", status_code=503 if fault else 200)


async def _no_socket(socket: WebSocket) -> None:
    await socket.send_denial_response(refused(route_not_found()))


async def _refuse(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestError):  # pragma: no cover
        raise error
    return refused(error)


async def _gone(_: Request, __: Exception) -> Response:
    return refused(not_found())


async def _http(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return refused(route_not_found())
    headers = error.headers if isinstance(error, HTTPException) else None
    return Response(status_code=status, headers=headers)


async def _broken(_: Request, error: Exception) -> Response:
    return refused(internal_error(error))


class _Versioned:
    """Tells in every answer which release answers, and that it is what it says."""

    def __init__(self, app: ASGIApp, version: str) -> None:
        self._app = app
        self._headers = (
            (VERSION_HEADER.lower().encode(), version.encode()),
            (b"x-content-type-options", b"nosniff"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] in (
                "http.response.start",
                "websocket.accept",
                "websocket.http.response.start",
            ):
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        await self._app(scope, receive, told)
