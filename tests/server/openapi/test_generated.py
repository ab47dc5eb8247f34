"""Requests made from the document: whatever is sent, the answer is one it tells of.

`GENERATED=50 pytest tests/server/openapi` sends more of each kind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.schemas import APIOperation

from coderchat_jupyter.server.app import create_app
from coderchat_jupyter.server.openapi.document import document
from coderchat_jupyter.server.settings import ServerSettings
from tests.fakes.real_server import RealServer
from tests.server.openapi.furnished import SCRIPTS, Furnished

_EXAMPLES: Final = int(os.environ.get("GENERATED", "2"))
_APP: Final = create_app(ServerSettings(database=Path("unused.db")))
_SCHEMA: Final = schemathesis.openapi.from_dict(document(_APP.routes, "v2.34.0"))
_FOUND: Final[list[Any]] = [
    found.ok()  # type: ignore[union-attr]  # our own document is valid
    for found in _SCHEMA.get_all_operations()
]

# What needs a request that this generator does not make.
_SOCKETS: Final = ("/watch", "/stream", "/stream/git", "/stream/desktop")
_OPERATIONS: Final = [one for one in _FOUND if not one.path.endswith(_SOCKETS)]

load_all_checks()
_RIGHT: Final = (
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    server = RealServer(tmp_path_factory.mktemp("generated"), SCRIPTS)
    server.start()
    try:
        made = Furnished.on(server)
        yield made
        made.http.close()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def session(furnished: Furnished) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        # No test leaves a socket open, also none that the next would take up.
        session.headers.update({**furnished.http.headers, "connection": "close"})
        yield session


def _cases(operation: APIOperation[Any, Any, Any, Any], furnished: Furnished) -> Any:
    """Good requests and bad ones, most of them about something that is there."""
    names = [p.name for p in operation.path_parameters]
    known = {
        name: st.sampled_from(furnished.ids[name])
        for name in names
        if name in furnished.ids
    }
    there = st.fixed_dictionaries(known).flatmap(
        lambda ids: st.one_of(
            operation.as_strategy(path_parameters=ids),
            operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=ids),
        )
    )
    return st.one_of(there, operation.as_strategy())


@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda found: found.label)
def test_whatever_is_sent_the_answer_is_told_of(
    operation: APIOperation[Any, Any, Any, Any],
    furnished: Furnished,
    session: requests.Session,
) -> None:
    """No answer is a failure of the server, and what is wrong is refused."""
    checks: Any = CHECKS.get_by_names(_RIGHT)

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation, furnished))
    def sent(case: Case[Any]) -> None:
        case.call_and_validate(
            base_url=str(furnished.http.base_url).rstrip("/"),
            session=session,
            checks=checks,
        )

    sent()
