"""Debug runs: values that hide in base64 become readable."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import pytest

from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.debug import DebugRun, decoded

AT: Final = "2026-06-01T00:00:00Z"


def coded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.b64encode(data).decode()


SSE: Final = b'data: {"delta":"Hel"}\n\ndata: [DONE]\n\n'
ATTEMPT: Final = {
    "number": 1,
    "status": "completed",
    "request_headers": {"Authorization": "[REDACTED]"},
    "request_body": coded({"model": "m", "messages": [{"role": "user"}]}),
    "response_status": 200,
    "response_body": coded(SSE),
    "duration_ms": 12,
}
RUN: Final = {
    "id": "r",
    "chat_id": "c",
    "kind": "chat_turn",
    "status": "completed",
    "summary": {"step_count": 1},
    "started_at": AT,
    "updated_at": AT,
    "steps": [
        {
            "id": "s",
            "run_id": "r",
            "chat_id": "c",
            "step_number": 1,
            "operation": "stream",
            "status": "completed",
            "normalized_request": {"messages": []},
            "attempts": [ATTEMPT],
            "metadata": {},
            "started_at": AT,
            "updated_at": AT,
        }
    ],
}


def test_bodies_of_provider_calls_can_be_read() -> None:
    """JSON as a value, a stream as its text, all else as it is."""
    run = DebugRun.model_validate(RUN)

    [attempt] = run.steps[0].readable_attempts

    assert attempt == {
        **ATTEMPT,
        "request_body": {"model": "m", "messages": [{"role": "user"}]},
        "response_body": SSE.decode(),
    }


def test_reading_changes_nothing_of_what_came() -> None:
    """The run can still be exported as it was."""
    run = DebugRun.model_validate(RUN)

    run.steps[0].readable_attempts  # noqa: B018

    assert encode(run, only_set=True) == RUN


@pytest.mark.parametrize(
    ("value", "readable"),
    [
        (coded({"a": 1}), {"a": 1}),
        ({"x": [coded(["b"] * 3)]}, {"x": [["b"] * 3]}),
        # Words, numbers and ids that happen to be base64 stay what they are.
        ("chat_turn", "chat_turn"),
        ("completed123", "completed123"),
        (coded(1234567890), coded(1234567890)),
        ("e1df7599e5e94978", "e1df7599e5e94978"),
        (coded(b"{broken"), coded(b"{broken")),
        (coded(b"\xff\xfe\xfd\xfc\xfb\xfa"), coded(b"\xff\xfe\xfd\xfc\xfb\xfa")),
        ("", ""),
        (None, None),
        (7, 7),
    ],
)
def test_only_what_is_json_in_disguise_is_undone(value: Any, readable: Any) -> None:
    """A guess that is wrong would change what the record says."""
    assert decoded(value) == readable


@pytest.mark.parametrize(
    "body", ["not base64!", coded(b"\xff\xfe"), None, "", {"a": 1}]
)
def test_a_body_that_is_neither_stays(body: Any) -> None:
    """A cut or binary body is shown as it came."""
    assert decoded({"request_body": body}) == {"request_body": body}
