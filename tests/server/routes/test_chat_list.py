"""The list of one's chats: which, in what order, page by page."""

from __future__ import annotations

import pytest

from tests.server.databases import BOTH
from tests.server.world import Person

_NOBODY = "11111111-1111-4111-8111-111111111111"
BLANK = {
    "pull_request_title": "",
    "pull_request_draft": False,
    "changes_requested": False,
    "additions": 0,
    "deletions": 0,
    "changed_files": 0,
}


async def _titles(person: Person, **params: object) -> list[str]:
    answer = await person.call("GET", "/chats", **params)
    assert answer.status_code == 200, answer.text
    return [chat["title"] for chat in answer.json()]


async def test_only_ones_own_chats_are_listed_the_last_changed_first(
    admin: Person, other: Person
) -> None:
    for title in ("one", "two", "three"):
        await admin.answered(title)
    await other.answered("theirs")

    assert await _titles(admin) == ["three", "two", "one"]


async def test_a_row_tells_a_blank_diff_status_and_what_is_unread(
    admin: Person,
) -> None:
    """A single chat tells neither."""
    chat = await admin.answered()

    (row,) = (await admin.call("GET", "/chats")).json()

    assert row["diff_status"] == {"chat_id": chat["id"], **BLANK}
    assert row["has_unread"] is True
    assert chat["has_unread"] is False
    assert "diff_status" not in chat


async def test_pages_continue_after_a_chat(admin: Person) -> None:
    chats = [await admin.answered(f"number {n}") for n in range(5)]

    first = (await admin.call("GET", "/chats", limit=2)).json()
    second = await _titles(admin, limit=2, after_id=first[-1]["id"])

    assert [row["id"] for row in first] == [chats[4]["id"], chats[3]["id"]]
    assert second == ["number 2", "number 1"]
    assert await _titles(admin, limit=2, offset=4) == ["number 0"]
    assert await _titles(admin, after_id=_NOBODY) == []


async def test_filters(admin: Person) -> None:
    first = await admin.answered("Apple pie")
    second = await admin.create("banana split", labels={"a.b": "x:y", "c": "1"})
    await admin.world.puppet.asked(2)
    await admin.call("POST", f"/chats/{second['id']}/interrupt")
    third = await admin.answered("cherry")
    await admin.call("PATCH", f"/chats/{third['id']}", {"archived": True})

    assert await _titles(admin) == ["banana split", "Apple pie"]
    assert await _titles(admin, q="archived:true") == ["cherry"]
    assert await _titles(admin, q='title:"APPLE PIE"') == ["Apple pie"]
    assert await _titles(admin, q="has_unread:true") == ["Apple pie"]
    assert await _titles(admin, q="has_unread:f title:a%") == ["banana split"]
    assert await _titles(admin, q="pr_status:open,merged") == []
    assert await _titles(admin, label="a.b:x:y") == ["banana split"]
    assert await _titles(admin, label=["a.b:x:y", "c:2"]) == []
    assert first["title"] == "Apple pie"


_CASES = [
    ("Über ÄPFEL", "über äpfel", True),
    ("über äpfel", "ÜBER ÄPFEL", True),
    ("ΟΔΟΣ", "οδος", True),
    ("Привет", "ПРИВЕТ", True),
    ("Straße", "stra_e", True),
    ("STRASSE", "straße", False),
    ("İstanbul", "%stan_ul", True),
    ("100 % sure", "0 % s", True),
    ("a\\b", "A\\\\B", True),
    ("eclair", "éclair", False),
]


@BOTH
async def test_a_title_is_found_whatever_the_case_of_its_letters(admin: Person) -> None:
    """Of any script, on every database; a sign that stands for one letter is one."""
    chat = await admin.answered()
    for title, asked, is_found in _CASES:
        await admin.call("PATCH", f"/chats/{chat['id']}", {"title": title})

        found = await _titles(admin, q=f'title:"{asked}"')

        assert found == ([title] if is_found else []), title


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("bare words", "q"),
        (":x", "q"),
        ("title:", "q"),
        ("a:b:c", "q"),
        ("surprise:1", "surprise"),
        ("archived:maybe", "archived"),
        ("title:a title:b", "title"),
        ("pr:x", "pr"),
        ("pr_status:odd", "pr_status"),
        ("diff_url:x", "diff_url"),
        ('"title:a"', "q"),
        ('odd:""', "odd"),
        ("title:a\tb pr:0", "pr"),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(
    admin: Person, query: str, field: str
) -> None:
    """The field that is told is the key, where there is one."""
    answer = await admin.call("GET", "/chats", q=query)

    assert answer.status_code == 400
    assert [v["field"] for v in answer.json()["validations"]] == [field]


@pytest.mark.parametrize(
    "query",
    [
        *('repo:""', 'pr:""', 'diff_url:""', 'archived:""', 'pr_status:""'),
        *("title::number", 'title:"number 0', 'title:"" title:odd'),
    ],
)
async def test_a_term_without_a_value_asks_for_nothing(
    admin: Person, query: str
) -> None:
    """So does the empty one between two colons; what opens a quote need not end it."""
    await admin.create("number 0")

    assert await _titles(admin, q=query) == ["number 0"]


async def test_of_several_queries_the_first_counts(admin: Person) -> None:
    await admin.create("number 0")

    assert await _titles(admin, q=["title:number", "title:odd"]) == ["number 0"]


@pytest.mark.parametrize(
    "params",
    [
        *({"limit": "x"}, {"offset": -1}, {"after_id": "x"}),
        *({"limit": [1, 2]}, {"offset": ["1", ""]}, {"after_id": [_NOBODY] * 2}),
    ],
)
async def test_a_page_that_makes_no_sense_is_refused(
    admin: Person, params: dict[str, object]
) -> None:
    answer = await admin.call("GET", "/chats", **params)

    assert answer.status_code == 400
    assert [v["field"] for v in answer.json()["validations"]] == list(params)


@pytest.mark.parametrize("label", ["x", ":x", "x:"])
async def test_half_a_label_is_refused(admin: Person, label: str) -> None:
    answer = await admin.call("GET", "/chats", label=label)

    assert answer.status_code == 400
    assert set(answer.json()) == {"message"}
    assert label in answer.json()["message"]


@BOTH
@pytest.mark.parametrize("count", [50, 51, 1500])
async def test_any_number_of_labels_can_be_asked_for(admin: Person, count: int) -> None:
    most = {f"k{index}": "v" for index in range(50)}
    await admin.create("all of them", labels=most)
    await admin.create("one of them", labels={"k0": "v"})
    asked = [f"k{index}:v" for index in range(count)]

    found = await _titles(admin, label=asked)

    assert found == (["all of them"] if count == 50 else [])
    assert await _titles(admin, label=["k1:v"] * 1500) == ["all of them"]
