"""What a server says to a change, as sentences for a form."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from coderchat_jupyter.errors import ServerUnreachableError, api_error
from coderchat_jupyter.widgets._outcomes import (
    ADMINS_ONLY,
    ELSEWHERE,
    MODEL_PATHS,
    PROVIDER_PATHS,
    deleted,
    outcome,
)

KEY = SecretStr("sk-secret")


async def refuse(
    status: int,
    message: str = "No.",
    *,
    detail: str = "",
    validations: tuple[tuple[str, str], ...] = (),
) -> str:
    raise api_error(
        message, status=status, call="X /y", detail=detail, validations=validations
    )


@pytest.mark.parametrize(
    ("status", "sentence"), [(403, ADMINS_ONLY), (410, ELSEWHERE), (409, "No.")]
)
async def test_what_is_no_fault_of_a_field_is_said_of_the_form(
    status: int, sentence: str
) -> None:
    """Without rights, without the call, in conflict: a sentence, and nothing else."""
    found = await outcome(refuse(status), MODEL_PATHS)

    assert (found.id, found.errors) == (None, {"": sentence})


async def test_field_errors_of_the_server_stand_at_their_fields() -> None:
    """By the names that the form has for them."""
    validations = (
        ("base_url", "not absolute"),
        ("api_keys[0]", "has blanks"),
        ("settings", "wrong shape"),
    )

    found = await outcome(refuse(400, validations=validations), PROVIDER_PATHS)

    assert found.errors == {
        "base_url": "not absolute",
        "api_key": "has blanks",
        "": "settings: wrong shape",
    }


@pytest.mark.parametrize(
    ("status", "detail", "path"),
    [
        (
            400,
            "cost.input_price_per_million_tokens must be >= 0",
            "prices.input_price_per_million_tokens",
        ),
        (400, "context_limit must be greater than zero", "context_limit"),
        (412, "", "ai_provider_id"),
    ],
)
async def test_a_detail_that_names_a_field_stands_there(
    status: int, detail: str, path: str
) -> None:
    """The model endpoints have no list of fields, only a sentence."""
    found = await outcome(refuse(status, detail=detail), MODEL_PATHS)

    assert found.errors == {path: "No."}


async def test_a_key_that_a_server_quotes_is_taken_out() -> None:
    """We cannot choose what a server says."""
    told = refuse(400, "bad key sk-secret", detail="sk-secret is short")

    found = await outcome(told, PROVIDER_PATHS, KEY)

    assert found.errors == {"": "bad key [key] ([key] is short)"}


async def test_no_answer_is_not_a_fault_of_the_form() -> None:
    """It goes up, to be said as what it is."""

    async def lost() -> str:
        raise ServerUnreachableError("Nobody listens.")

    with pytest.raises(ServerUnreachableError):
        await outcome(lost(), MODEL_PATHS)


async def test_deleting_what_is_gone_is_done() -> None:
    """Two pages may press the same button."""

    async def gone() -> None:
        await refuse(404)

    assert (await deleted(gone())).errors == {}
