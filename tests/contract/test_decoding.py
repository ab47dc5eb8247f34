"""How requests are read: as a Go server does it, lenient in places one would not think.

Ids, numbers, times and JSON that Python's own readers would take otherwise.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.contract.caller import Caller

_ZERO: Final = "00000000-0000-0000-0000-000000000000"
_LARGEST: Final = 2**63 - 1


async def _raw(me: Caller, method: str, path: str, body: bytes) -> tuple[int, Any]:
    answer = await me.http.request(method, f"/api/experimental{path}", content=body)
    return answer.status_code, answer.json() if answer.content else None


async def test_only_the_first_value_of_a_body_is_read(me: Caller) -> None:
    """Null has no fields, and an empty body is no JSON; what follows is not seen."""
    chat = f"/chats/{await me.create('hi')}"

    assert await _raw(me, "PATCH", chat, b"null") == (204, None)
    assert await _raw(me, "PATCH", chat, b' {"pin_order": 0} {rest') == (204, None)
    status, nothing = await _raw(me, "PATCH", chat, b"")
    assert (status, set(nothing)) == (400, {"message", "detail"})
    for other in (b"[]", b'"x"', b"1", b"{x}", b"nul"):
        status, body = await _raw(me, "PATCH", chat, other)
        assert (status, set(body)) == (400, {"message", "detail"}), other
    status, missing = await _raw(me, "POST", "/chats", b"null")
    assert (status, set(missing)) == (400, {"message"})


async def test_the_name_of_a_field_fits_whatever_its_case(me: Caller) -> None:
    chat = f"/chats/{await me.create('hi')}"

    await _raw(me, "PATCH", chat, b'{"LABELS": {"Team": "Blue"}, "labelz": 1}')

    told = (await me.call("GET", chat)).json()
    assert told["labels"] == {"Team": "Blue"}


@pytest.mark.parametrize("form", ["{}", "URN:uuid:{}", "{{{}}}", "bare"])
async def test_an_id_may_be_written_in_four_ways(me: Caller, form: str) -> None:
    """A parser of Go takes them all; the answer has the usual one."""
    chat = await me.create("hi")
    given = chat.upper().replace("-", "") if form == "bare" else form.format(chat)

    answer = await me.call("GET", f"/chats/{given}")

    assert (answer.status_code, answer.json()["id"]) == (200, chat)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/queue/{_LARGEST}", 204),
        (f"/queue/-{_LARGEST + 1}", 204),
        (f"/queue/{_LARGEST + 1}", 400),
        ("/queue/1_0", 400),
        ("/queue/1.0", 400),
    ],
)
async def test_the_id_of_what_is_queued_has_64_bits(
    me: Caller, path: str, status: int
) -> None:
    chat = await me.create("hi")

    answer = await me.call("DELETE", f"/chats/{chat}{path}")

    assert answer.status_code == status
    assert set(answer.json() if answer.content else {}) == (
        {"message", "detail"} if status == 400 else set()
    )


async def test_a_cursor_of_zeros_is_no_cursor(me: Caller) -> None:
    chat = await me.create("hi", labels={"only": "this"})
    only = "label=only:this"

    listed = (await me.call("GET", f"/chats?{only}&after_id={_ZERO}")).json()
    page = (await me.call("GET", f"/chats/{chat}/messages?after_id=0")).json()

    assert [one["id"] for one in listed] == [chat]
    assert len(page["messages"]) >= 1


async def test_all_wrong_keys_of_a_search_are_told_at_once(me: Caller) -> None:
    """Terms that cannot be split come before them, as one fault of `q`."""
    wrong = await me.call("GET", "/chats?q=colour:red%20archived:maybe%20pr:0%20pr:1")
    torn = await me.call("GET", "/chats?q=colour:red%20bare%20words")
    later = await me.call("GET", "/chats?q=source:shared_with_me")

    assert wrong.status_code == torn.status_code == 400
    assert set(wrong.json()) == {"message", "validations"}
    fields = [one["field"] for one in wrong.json()["validations"]]
    assert fields == ["colour", "archived", "pr"]
    assert [one["field"] for one in torn.json()["validations"]] == ["q"]
    assert [one["field"] for one in later.json()["validations"]] == ["source"]


@pytest.mark.parametrize(
    ("moment", "is_read"),
    [
        ("2026-01-01T00:00:00Z", True),
        ("2026-01-01t00:00:00.123456789z", True),
        ("2026-01-01T00:00:00%2B02:00", True),
        ("2026-01-01T00:00Z", False),
        ("2026-W01-1T00:00:00Z", False),
        ("2026-01-01%2000:00:00Z", False),
        ("2026-02-30T00:00:00Z", False),
        ("20260101T000000Z", False),
    ],
)
async def test_a_date_is_rfc_3339_to_the_second(
    me: Caller, moment: str, is_read: bool
) -> None:
    answer = await me.call("GET", f"/chats/cost/me/summary?start_date={moment}")

    assert answer.status_code == (200 if is_read else 400)
    if not is_read:
        (fault,) = answer.json()["validations"]
        assert fault["field"] == "start_date"


async def test_a_token_is_found_among_cookies_of_any_kind(me: Caller) -> None:
    """Other applications on the same host set what is no proper cookie."""
    cookies = f'other={{"a": 1, "b"}}; x; coder_session_token={me.token}; y="'

    answer = await me.http.get(
        "/api/v2/users/me", headers={"Coder-Session-Token": "", "Cookie": cookies}
    )

    assert answer.status_code == 200


async def test_taking_away_a_workspace_counts_as_a_change(me: Caller) -> None:
    """Also of a chat without one: the chat rises in the list."""
    chat = await me.create("hi")
    await me.settled(chat)
    before = (await me.call("GET", f"/chats/{chat}")).json()["updated_at"]

    done = await me.call("PATCH", f"/chats/{chat}", {"workspace_id": _ZERO})

    after = (await me.call("GET", f"/chats/{chat}")).json()
    assert done.status_code == 204
    assert after["updated_at"] > before
    assert "workspace_id" not in after


async def test_settings_of_a_model_without_a_name_are_dropped(me: Caller) -> None:
    listed = (await me.call("GET", "/chats/model-configs")).json()
    path = f"/chats/model-configs/{me.model}"
    (own,) = (one for one in listed if one["id"] == me.model)
    odd = {"temperature": 0.5, "odd": 1, "provider_options": {"openai": {"odd": 1}}}

    made = await me.call("PATCH", path, {"model_config": odd})
    await me.call("PATCH", path, {"model_config": own.get("model_config", {})})

    assert made.json()["model_config"] == {
        "temperature": 0.5,
        "provider_options": {"openai": {}},
    }


async def test_words_that_are_sent_need_not_be_unicode(me: Caller) -> None:
    """Half of a surrogate pair becomes the sign that stands for what is lost."""
    chat = await me.create("hi")
    await me.settled(chat)
    half = b'{"content": [{"type": "text", "text": "\\ud83d"}]}'

    status, sent = await _raw(me, "POST", f"/chats/{chat}/messages", half)

    assert status == 200
    assert sent["message"]["content"][0]["text"] == "\ufffd"


async def test_nothing_that_is_answered_is_guessed_at_by_a_browser(me: Caller) -> None:
    """Refusals and files alike: the type is the one that is told, once."""
    answers = [
        await me.call("GET", "/nothing"),
        await me.call("GET", "/chats/models"),
        await me.http.get("/healthz"),
    ]

    for answer in answers:
        told = answer.headers.get_list("x-content-type-options")
        assert told == ["nosniff"], answer.url


async def test_unpinning_what_is_not_pinned_moves_nothing(me: Caller) -> None:
    """Nor does archiving a pinned chat: the others keep the places they have."""
    first, second, third = [await me.create("hi", labels={"pin": "p"}) for _ in "abc"]
    for chat in (first, second):
        await me.call("PATCH", f"/chats/{chat}", {"pin_order": 1})
    await me.call("PATCH", f"/chats/{first}", {"archived": True})

    await me.call("PATCH", f"/chats/{third}", {"pin_order": 0})

    listed = (await me.call("GET", "/chats?label=pin:p")).json()
    orders = {one["id"]: one["pin_order"] for one in listed}
    await me.call("PATCH", f"/chats/{second}", {"pin_order": 0})
    assert orders == {second: 2, third: 0}
