"""The document: every route of the server, as OpenAPI 3.1 describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from coderchat_jupyter.server.openapi._chats import CHATS
from coderchat_jupyter.server.openapi._operations import (
    Bytes,
    Operation,
    Query,
    Table,
    Text,
)
from coderchat_jupyter.server.openapi._schemas import Nullable, Schema, Schemas
from coderchat_jupyter.server.openapi._settings import SETTINGS
from coderchat_jupyter.server.routes._endpoint import service_of
from coderchat_jupyter.wire import events
from coderchat_jupyter.wire._media import MEDIA_TYPES, OCTET_STREAM
from coderchat_jupyter.wire.failures import ErrorBody
from coderchat_jupyter.wire.routes import TOKEN_COOKIE, TOKEN_HEADER
from coderchat_jupyter.wire.watch import WatchEvent

__all__ = ["OPERATIONS", "PATH", "document", "serve", "served_operations"]

PATH: Final = "/openapi.json"
"""Where the document is: no release of Coder has anything there."""

OPERATIONS: Final[Table] = CHATS | SETTINGS

_CONVERTER: Final = re.compile(r"{(\w+)(?::\w+)?}")
_UUIDS: Final = frozenset({"chat", "file", "run", "config", "group"})
_NUMBERS: Final = frozenset({"message", "queued"})
_UNTOLD: Final = {
    "user": "An id, a name, or `me`.",
    "provider": "An id, or a name where the path is that of a provider.",
    "organization": "An id, a name, or `default`.",
}


async def serve(request: Request) -> Response:
    """`GET /openapi.json`; for everybody: it tells nothing of this deployment."""
    version = service_of(request).settings.version
    return JSONResponse(document(request.app.routes, version))


def served_operations(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str, Route]]:
    """Every method and path of HTTP that is served, as the document names it."""
    for route in routes:
        if isinstance(route, Route):
            path = _CONVERTER.sub(r"{\1}", route.path)
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, path, route


def document(routes: Iterable[BaseRoute], version: str) -> Schema:
    """The document of these routes.

    Raises:
        KeyError: One of them has no entry in `OPERATIONS`.
    """
    schemas = Schemas()
    error = {"application/json": {"schema": schemas.of(ErrorBody)}}
    paths: dict[str, Schema] = {}
    for method, path, route in served_operations(routes):
        operation = OPERATIONS[f"{method} {path}"]
        entry = paths.setdefault(path, {})
        entry[method.lower()] = _described(path, method, route, operation, schemas)
    schemas.of(events.Event)
    schemas.of(WatchEvent)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Coder chats",
            "version": version,
            "description": "The chats of Coder v2.34, served by coderchat. A stream "
            "sends frames that are arrays of events (`Event`), a watch one "
            "`WatchEvent` a frame.",
        },
        "security": [{"header": []}, {"cookie": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.components | {"Event": schemas.of(events.Event)},
            "responses": {
                "Refused": {
                    "description": "It is refused; the body says why.",
                    "content": error,
                },
                "TooMany": {
                    "description": "Too many requests a minute, or too many messages "
                    "in a queue; the first says when to come again.",
                    "headers": {
                        "Retry-After": {
                            "description": "In so many seconds.",
                            "schema": {"type": "integer", "minimum": 1},
                        }
                    },
                    "content": error,
                },
            },
            "securitySchemes": {
                "header": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER},
                "cookie": {"type": "apiKey", "in": "cookie", "name": TOKEN_COOKIE},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _described(
    path: str, method: str, route: Route, operation: Operation, schemas: Schemas
) -> Schema:
    about = (route.endpoint.__doc__ or "").strip().split("\n\n")[0]
    found: Schema = {
        "operationId": _name(method, path),
        "parameters": [
            *(_in_path(name) for name in _CONVERTER.findall(path)),
            *(_in_query(query) for query in operation.query),
        ],
        "responses": dict(_responses(operation, schemas)),
    }
    if about:
        found["description"] = about
    if operation.is_open:
        found["security"] = []
    if operation.body is Bytes:
        kinds = (*MEDIA_TYPES, OCTET_STREAM)
        found["requestBody"] = {"required": True, "content": {k: {} for k in kinds}}
        found["parameters"].append(
            {
                "name": "Content-Disposition",
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
            }
        )
    elif operation.body is not None:
        # To a Go decoder null is an object without fields.
        body = {"application/json": {"schema": schemas.of(Nullable(operation.body))}}
        found["requestBody"] = {"required": True, "content": body}
    return found


def _responses(
    operation: Operation, schemas: Schemas
) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, kind in operation.answers.items():
        answer: Schema = {"description": HTTPStatus(status).phrase}
        if kind is Bytes:
            answer["content"] = {name: {} for name in MEDIA_TYPES}
        elif kind is Text:
            answer["content"] = {"text/plain": {"schema": {"type": "string"}}}
        elif kind is not None:
            answer["content"] = {"application/json": {"schema": schemas.of(kind)}}
        yield str(status), answer
    usual = () if operation.is_open else (401, 403, 429)
    for status in sorted({*operation.refusals, *usual}):
        name = "TooMany" if status == 429 else "Refused"
        yield str(status), {"$ref": f"#/components/responses/{name}"}


def _in_path(name: str) -> Schema:
    schema: Schema = {"type": "string"}
    if name in _UUIDS:
        schema["format"] = "uuid"
    elif name in _NUMBERS:
        schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    found = {"name": name, "in": "path", "required": True, "schema": schema}
    return found | ({"description": _UNTOLD[name]} if name in _UNTOLD else {})


def _in_query(query: Query) -> Schema:
    return {
        "name": query.name,
        "in": "query",
        "required": query.required,
        # What is empty is not given.
        "schema": query.schema
        if query.required
        else {"anyOf": [query.schema, {"const": ""}]},
    }


def _name(method: str, path: str) -> str:
    words = re.findall(r"[\w.]+", path.removeprefix("/api/experimental"))
    return "-".join((method.lower(), *words))
