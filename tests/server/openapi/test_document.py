"""The document is of this server: no route without an entry, none too many."""

from __future__ import annotations

from pathlib import Path

import httpx
import jsonschema_rs
import pytest
from starlette.applications import Starlette

from coderchat_jupyter.server.app import create_app
from coderchat_jupyter.server.openapi.document import (
    OPERATIONS,
    PATH,
    document,
    served_operations,
)
from coderchat_jupyter.server.settings import ServerSettings
from tests.server.world import Person


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    return create_app(ServerSettings(database=tmp_path / "server.db"))


def test_every_route_has_an_entry_and_every_entry_a_route(app: Starlette) -> None:
    served = {f"{method} {path}" for method, path, _ in served_operations(app.routes)}

    assert served == set(OPERATIONS)


def test_every_operation_says_what_it_does_and_how_it_refuses(app: Starlette) -> None:
    told = document(app.routes, "v0")
    operations = [
        operation for path in told["paths"].values() for operation in path.values()
    ]
    names = [operation["operationId"] for operation in operations]

    assert len(set(names)) == len(names)
    for operation in operations:
        refused = {"401", "403"} & set(operation["responses"])
        assert bool(refused) == ("security" not in operation)


def test_every_reference_leads_to_a_valid_schema(app: Starlette) -> None:
    told = document(app.routes, "v0")
    components = {"components": told["components"]}

    for name in told["components"]["schemas"]:
        where = {"$ref": f"#/components/schemas/{name}"}
        jsonschema_rs.validator_for(where | components)


async def test_everybody_may_read_it(admin: Person) -> None:
    async with httpx.AsyncClient(base_url=admin.world.url) as http:
        answer = await http.get(PATH)

    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"
    assert "/api/experimental/chats/{chat}" in answer.json()["paths"]
