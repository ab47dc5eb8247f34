"""What a refusal says, in every shape that servers and those before them send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from coderchat_jupyter.client._refusals import from_response
from coderchat_jupyter.client._told import clean, read_told, seconds_to_wait
from coderchat_jupyter.errors import (
    ApiError,
    AuthenticationError,
    BusyError,
    CoderChatError,
    ConflictError,
    ConnectionLostError,
    InvalidRequestError,
    NotCoderError,
    ServerUnreachableError,
    UsageLimitError,
)

ADDRESS = "https://coder.example.com"
JSON = "application/json; charset=utf-8"
SOON = "2026-07-01T00:00:00Z"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def refused(
    status: int, body: Any, content_type: str = JSON, **more: Any
) -> CoderChatError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return from_response(
        status,
        raw,
        call="GET /chats",
        address=ADDRESS,
        content_type=content_type,
        now=lambda: NOON,
        **more,
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "No."}, "No."),
        ({"message": "No.", "detail": "why"}, "No."),
        ({"message": ""}, "The server answered 500 without saying why."),
        ({"error": "boom"}, "The server answered 500 without saying why."),
        ({"message": {"text": "No."}}, "The server answered 500 without saying why."),
        ({"message": None}, "The server answered 500 without saying why."),
        ([], "The server answered 500 without saying why."),
        ("No.", "The server answered 500 without saying why."),
        (b"", "The server answered 500 with an empty body."),
        (b"{", "The server answered 500 without saying why."),
        (b"[" * 100_000, "The server answered 500 without saying why."),
    ],
)
def test_json_of_any_shape_is_a_failure_with_a_sentence(
    body: Any, message: str
) -> None:
    """The body may be of a plugin, of a proxy, or of a server that fell over."""
    error = refused(500, body)

    assert type(error) is ApiError
    assert error.message == message
    assert error.status == 500


def test_facts_of_a_body_survive_beside_nonsense() -> None:
    """One odd entry is no reason to lose which field was wrong."""
    error = refused(
        400,
        {
            "message": "Validation failed.",
            "detail": 7,
            "validations": [1, {"field": "limit", "detail": "min"}, {"field": []}],
        },
    )

    assert isinstance(error, InvalidRequestError)
    assert error.validations == (("limit", "min"), ("", ""))
    assert error.detail == ""


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthenticationError),
        (407, ServerUnreachableError),
        (409, ConflictError),
        (413, InvalidRequestError),
        (429, BusyError),
        (404, NotCoderError),
        (500, NotCoderError),
        (502, ConnectionLostError),
        (504, ConnectionLostError),
    ],
)
def test_an_answer_without_json_is_read_by_its_status(
    status: int, kind: type[CoderChatError]
) -> None:
    """A login page, a limiter, a cap on bodies mean the same whoever says it."""
    error = refused(status, b"<html>No</html>", "text/html")

    assert type(error) is kind


def test_a_server_that_is_known_to_be_coder_stays_one() -> None:
    """Its process may write plain text when it falls over."""
    error = refused(500, b"internal error", "text/plain", version="v2.34.0")

    assert type(error) is ApiError
    assert error.detail == "internal error"


def test_a_login_that_is_needed_says_how_to_log_in() -> None:
    """Whatever the body was."""
    for body, kind in (({"message": "Signed out."}, JSON), (b"<p/>", "text/html")):
        text = str(refused(401, body, kind))

        assert "coder login" in text
        assert "CODER_SESSION_TOKEN" in text


@pytest.mark.parametrize(
    "body",
    [
        {"message": "The chat is busy."},
        {"message": "", "spent_micros": 2, "limit_micros": 1, "resets_at": SOON},
        {"message": "No.", "spent_micros": 2, "resets_at": "0001-01-01T00:00:00Z"},
        {"message": "No.", "spent_micros": "x", "resets_at": SOON},
        {"message": "No.", "resets_at": None},
        [],
    ],
)
def test_other_conflicts_are_not_taken_for_a_spent_budget(body: Any) -> None:
    """It takes a message and a date; Go sends the year 1 for a date nobody set."""
    assert type(refused(409, body)) is ConflictError


def test_a_spent_budget_tells_its_numbers() -> None:
    """Newer servers write fractions of a second down to the nanosecond."""
    error = refused(
        409,
        {
            "message": "Limit reached.",
            "spent_micros": 5_000_001,
            "limit_micros": 4_000_000,
            "resets_at": "2026-07-01T00:00:00.123456789Z",
        },
    )

    assert isinstance(error, UsageLimitError)
    assert (error.spent_micros, error.limit_micros) == (5_000_001, 4_000_000)
    assert (error.resets_at.month, error.resets_at.day) == (7, 1)
    assert error.status == 409


def test_a_spent_budget_may_leave_its_numbers_to_null() -> None:
    """As Go's client reads it: what counts is the message and the date."""
    error = refused(409, {"message": "L", "spent_micros": None, "resets_at": SOON})

    assert isinstance(error, UsageLimitError)
    assert error.spent_micros == 0


TOKEN = SecretStr("abcdefghij-verysecretverysecret")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ({"message": f"Bad token {TOKEN.get_secret_value()}"}, JSON),
        ({"message": "x", "detail": TOKEN.get_secret_value()}, JSON),
        ({"message": "x", "validations": [{"field": TOKEN.get_secret_value()}]}, JSON),
        ({"other": TOKEN.get_secret_value()}, JSON),
        (f"<p>{TOKEN.get_secret_value()}".encode(), "text/html"),
        ({"message": "abcdefghij-\u200bverysecretverysecret"}, JSON),
        ({"message": "x", "detail": "abcdefghij-very\u0007secretverysecret"}, JSON),
        ({"message": TOKEN.get_secret_value().upper()}, JSON),
    ],
)
def test_a_server_that_repeats_the_token_does_not_get_it_shown(
    body: Any, content_type: str
) -> None:
    """Debug pages do, and errors are pasted into issues."""
    error = refused(401, body, content_type, hide=TOKEN)

    assert "verysecret" not in f"{error} {error!r} {vars(error)}".lower()


def test_a_token_that_is_a_letter_is_not_cut_out_of_words() -> None:
    """Tests and toys have such tokens; a server gives none below twenty letters."""
    assert clean("http://that", 80, hide=SecretStr("t")) == "http://that"


def test_what_a_server_says_cannot_drive_a_terminal() -> None:
    """No colours, no titles of windows, no text that runs backwards, no megabytes."""
    error = refused(
        400, {"message": "\x1b]0;pwned\x07\x1b[31mNo\u202e.\n\n" + "x" * 5_000_000}
    )

    text = str(error)
    assert text.isprintable()
    assert "\u202e" not in text
    assert len(text) < 700


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 0 ", 0.0),
        ("1.5", 1.5),
        ("Mon, 01 Jun 2026 12:00:07 GMT", 7.0),
        ("Monday, 01-Jun-26 12:00:07 GMT", 7.0),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("Mon, 99 Jun 2026 99:00:00 GMT", None),
        ("٣", None),
    ],
)
def test_a_wait_is_read_as_seconds_or_as_a_date(
    header: str, seconds: float | None
) -> None:
    """Both are allowed; nonsense is no wait at all."""
    assert seconds_to_wait(header, lambda: NOON) == seconds


def test_a_wait_of_centuries_is_bounded() -> None:
    """A sum with it must not overflow anywhere."""
    for seconds in ("9999999999", "9" * 30, "Wed, 21 Oct 2099 07:28:00 GMT"):
        assert seconds_to_wait(seconds, lambda: NOON) == 10 * 365 * 86_400.0


def test_a_gateway_and_a_limiter_may_say_when_to_come_back() -> None:
    """Whoever calls can plan with it."""
    busy = refused(429, {"message": "Slow."}, retry_after="7")
    away = refused(503, b"", "text/html", retry_after="9")

    assert isinstance(busy, BusyError)
    assert isinstance(away, ConnectionLostError)
    assert (busy.retry_after, away.retry_after) == (7.0, 9.0)


def test_cleaning_keeps_the_words() -> None:
    """Letters of any script, joined emoji aside, are words."""
    assert clean("  Grüße\t世界\n ok ", 80) == "Grüße 世界 ok"
    assert clean("abcdef", 4) == "abc…"
    # Half of a character cannot be printed anywhere.
    assert read_told(b'{"message":"\\ud800x"}', JSON).message.encode().endswith(b"x")


def test_how_to_log_in_stands_in_a_sentence_of_its_own() -> None:
    """Whether or not the server ends its own with a stop."""
    for said in ("unauthorized", "You are signed out."):
        told = str(refused(401, {"message": said}))

        assert f"{said.rstrip('.')}. Log in again: run `coder login`" in told
