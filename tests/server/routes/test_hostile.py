"""Input made to break a server: refused or stored, never an internal error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.world import CHATS, Person, text

CONFIGS = "/chats/model-configs"

# What the reference's library of decimals does not read.
NO_DECIMALS = (" 3 ", "3 ", "1_0", "", ".", "1.2.3", "1e", "1e1.5", "0x1", "٣", True)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/chats?limit=" + "9" * 5000),
        ("GET", "/chats?offset=-1"),
        ("GET", "/chats?label=%22%5D%27:x&label=a"),
        ("GET", "/chats?q=diff_url:http://%5B"),
        ("GET", "/chats?q=pr:" + "9" * 5000),
        ("GET", "/chats?q=pr:%C2%B2"),
        ("GET", "/chats/{chat}/messages?after_id=" + "9" * 5000),
        ("GET", "/chats/{chat}/messages?after_id=" + "9" * 25),
        ("PATCH", "/chats/{chat}/messages/" + "9" * 5000),
        ("PATCH", "/chats/{chat}/messages/" + "9" * 19),
        ("DELETE", "/chats/{chat}/queue/" + "9" * 5000),
        ("GET", "/chats/cost/me/summary?start_date=9999999-01-01T00:00:00Z"),
        ("GET", "/chats/%00"),
        ("GET", "/chats/%ff"),
    ],
)
async def test_an_address_that_makes_no_sense_is_a_bad_request(
    admin: Person, method: str, path: str
) -> None:
    chat = await admin.create()
    address = CHATS.removesuffix("/chats") + path.format(chat=chat["id"])

    answer = await admin.http.request(method, address, json=text("x"))

    assert answer.status_code == 400
    assert answer.json()["message"]


async def test_a_label_that_is_no_label_matches_nothing(admin: Person) -> None:
    """It must not reach the path language of the database."""
    await admin.create(labels={"a": "x"})

    answer = await admin.call("GET", "/chats", label='a" || "b:x')

    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    "config",
    [
        {"cost": {"input_price_per_million_tokens": "NaN"}},
        {"cost": {"input_price_per_million_tokens": "Infinity"}},
        {"cost": {"input_price_per_million_tokens": "1e999999"}},
        {"cost": {"input_price_per_million_tokens": "1e-999999"}},
        {"cost": {"input_price_per_million_tokens": "-0.1"}},
        {"cost": "much"},
        [],
        *({"cost": {"output_price_per_million_tokens": p}} for p in NO_DECIMALS),
        {"input_price_per_million_tokens": " 3 "},
    ],
)
async def test_a_price_that_is_none_is_refused(admin: Person, config: Any) -> None:
    body = {
        "ai_provider_id": admin.world.provider,
        "model": "m",
        "context_limit": 1,
        "model_config": config,
    }

    answer = await admin.call("POST", CONFIGS, body)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "raw",
    [
        b'{"model_config":{"temperature":NaN}}',
        b'{"context_limit":' + b"9" * 40 + b"}",
        b'{"context_limit":1e400}',
        b'{"model_config":{"temperature":1e999}}',
        b'{"model_config":{"provider_options":{"openai":{"extra_body":{"a":-1e999}}}}}',
        b'{"model":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'\xff\xfe{"model":1}',
    ],
)
async def test_numbers_and_nesting_beyond_reason_are_refused(
    admin: Person, raw: bytes
) -> None:
    path = CHATS.removesuffix("/chats") + f"{CONFIGS}/{admin.world.model}"

    answer = await admin.http.patch(path, content=raw)

    assert answer.status_code == 400


async def test_half_a_character_is_stored_as_a_replacement(admin: Person) -> None:
    """Text that is no Unicode cannot be sent on to anybody."""
    content = '[{"type":"text","text":"a\\ud83d b \\ud83d\\ude00"}]'
    body = f'{{"organization_id":"{admin.organization}","content":{content}}}'

    answer = await admin.http.post(CHATS, content=body)

    assert answer.status_code == 201
    assert answer.json()["title"] == "a\ufffd b \U0001f600"


async def test_odd_text_comes_back_as_it_was_sent(admin: Person) -> None:
    words = "\u0000 {braces} %s 'quotes\" \\ \u2028 ?"

    chat = await admin.create(words)

    assert await admin.history(chat["id"]) == [("user", words.strip())]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"results":[{"tool_call_id":"c","output":1e999}]}',
        b'{"results":[{"tool_call_id":"c","output":{"a":[-1e400]}}]}',
    ],
)
async def test_a_result_out_of_range_is_refused_before_anything_else(
    admin: Person, raw: bytes
) -> None:
    chat = await admin.create()
    path = f"{CHATS}/{chat['id']}/tool-results"

    answer = await admin.http.post(path, content=raw)

    assert answer.status_code == 400
    assert "float64" in answer.json()["detail"]
