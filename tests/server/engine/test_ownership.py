"""Which server answers a chat, as its row says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from coderchat_jupyter.server.engine.ownership import Ownership
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.server.storage.workers import TITLE_WORKER
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId, OrganizationId, UserId

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OURS = Ownership("a", 300)
CHAT = ChatRow(
    id=ChatId("c"),
    organization_id=OrganizationId("o"),
    owner_id=UserId("u"),
    owner_username="u",
    owner_name="U",
    last_model_config_id=ModelConfigId("m"),
    title="",
    status="running",
    last_error=None,
    last_turn_summary=None,
    labels={},
    client_type="api",
    dynamic_tools=(),
    action_deadline=None,
    archived=False,
    pin_order=0,
    last_read_id=0,
    worker_id="b",
    started_at=NOW,
    heartbeat_at=NOW,
    created_at=NOW,
    updated_at=NOW,
)


def _later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("status", "worker", "says"),
    [
        ("running", "a", "is_mine"),
        ("running", "b", "is_elsewhere"),
        ("running", None, ""),
        ("waiting", "a", "is_owed"),
        ("waiting", "b", "is_owed_elsewhere"),
        ("waiting", TITLE_WORKER, ""),
        ("waiting", None, ""),
        ("pending", None, ""),
    ],
)
def test_a_row_says_whose_a_chat_is(status: str, worker: str | None, says: str) -> None:
    chat = replace(CHAT, status=status, worker_id=worker)
    found = {
        "is_mine": OURS.is_mine(chat),
        "is_elsewhere": OURS.is_elsewhere(chat, NOW),
        "is_owed": OURS.is_owed(chat),
        "is_owed_elsewhere": OURS.is_owed_elsewhere(chat, NOW),
    }

    assert [name for name, holds in found.items() if holds] == [says] * bool(says)


@pytest.mark.parametrize(("seconds", "runs"), [(299, True), (300, True), (301, False)])
def test_who_was_not_heard_of_for_too_long_runs_nothing(
    seconds: float, runs: bool
) -> None:
    owing = replace(CHAT, status="waiting")

    assert OURS.is_elsewhere(CHAT, _later(seconds)) is runs
    assert OURS.is_owed_elsewhere(owing, _later(seconds)) is runs


@pytest.mark.parametrize("status", ["waiting", "pending", "requires_action", "error"])
@pytest.mark.parametrize("asked", [False, True])
def test_a_chat_that_does_not_run_names_only_who_owes_it_an_end(
    status: str, asked: bool
) -> None:
    columns = OURS.columns(status, CHAT, NOW, asked=asked)

    assert columns == {
        "worker_id": "b" if asked else None,
        "started_at": None,
        "heartbeat_at": None,
    }


def test_who_takes_a_chat_is_named_in_it() -> None:
    columns = OURS.columns("running", CHAT, _later(5), asked=False)

    assert columns == {
        "worker_id": "a",
        "started_at": _later(5),
        "heartbeat_at": _later(5),
    }


def test_every_start_of_a_server_is_another_worker() -> None:
    assert Ownership().worker_id != Ownership().worker_id
