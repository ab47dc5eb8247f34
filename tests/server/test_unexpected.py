"""What nobody foresaw is a 500 that says what broke, and quotes nothing."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from coderchat_jupyter.server.storage import providers
from tests.server.world import CHATS, Person

WORDS = "HUSH-sk-secret"


@pytest.mark.parametrize(
    ("failure", "detail"),
    [
        (ValueError(WORDS), "unexpected ValueError"),
        (
            OSError(28, "No space left on device", f"/{WORDS}"),
            "No space left on device",
        ),
        (
            OperationalError(WORDS, {}, sqlite3.OperationalError("disk I/O error")),
            "disk I/O error",
        ),
    ],
)
async def test_a_failure_is_told_and_the_connection_lives_on(
    admin: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
    detail: str,
) -> None:
    async def broken(_: Any) -> Any:
        raise failure

    def port_of(answer: Any) -> Any:
        return answer.extensions["network_stream"].get_extra_info("client_addr")

    monkeypatch.setattr(providers, "list_providers", broken)

    answer = await admin.http.get(f"{CHATS}/models")
    after = await admin.http.get("/api/v2/users/me")

    assert answer.status_code == 500
    assert answer.json() == {
        "message": "An internal server error occurred.",
        "detail": detail,
    }
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-coder-build-version"]
    assert "close" not in answer.headers.get("connection", "")
    assert after.status_code == 200
    assert port_of(after) == port_of(answer)
    assert [r.name.rpartition(".")[2] for r in caplog.records if r.exc_info] == [
        "unexpected"
    ]
