"""Making, reading and changing chats."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.puppet import Puppet
from tests.server.world import CHATS, Person, text

UNKNOWN = "11111111-1111-4111-8111-111111111111"
ZERO = "00000000-0000-0000-0000-000000000000"


async def test_a_new_chat_is_pending_and_tells_everything(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create("hello there", labels={"a.b/c": "1"}, client_type="ui")

    times = chat.pop("created_at"), chat.pop("updated_at")
    assert times[0] == times[1]
    assert times[0].endswith("Z")
    assert chat == {
        "id": chat["id"],
        "organization_id": admin.organization,
        "owner_id": admin.id,
        "owner_username": "admin",
        "owner_name": "Admin",
        "root_chat_id": chat["id"],
        "last_model_config_id": admin.world.model,
        "title": "hello there",
        "status": "pending",
        "last_turn_summary": None,
        "archived": False,
        "pin_order": 0,
        "mcp_server_ids": [],
        "labels": {"a.b/c": "1"},
        "has_unread": False,
        "client_type": "ui",
        "children": [],
    }


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"organization_id": None}, 400, "organization_id is required."),
        ({"organization_id": UNKNOWN}, 403, "You are not a member"),
        ({"system_prompt": "é" * 5001}, 400, "System prompt exceeds maximum length."),
        ({"content": []}, 400, "Content is required."),
        ({"content": [{"type": "text", "text": " "}]}, 400, "Invalid input part."),
        ({"content": [{"type": "poem"}]}, 400, "Invalid input part."),
        ({"content": [{"type": "file"}]}, 400, "Invalid input part."),
        ({"content": [{"type": "file-reference"}]}, 400, "Invalid input part."),
        ({"workspace_id": UNKNOWN}, 400, "Workspace not found"),
        ({"model_config_id": ZERO}, 400, "Invalid model config ID."),
        ({"workspace_id": ZERO}, 400, "Workspace not found"),
        ({"model_config_id": UNKNOWN}, 400, "Invalid model config ID."),
        ({"model_config_id": "x"}, 400, "Request body must be valid JSON."),
        ({"plan_mode": "maybe"}, 400, "Invalid plan_mode value."),
        ({"mcp_server_ids": [UNKNOWN]}, 400, "One or more MCP server IDs"),
        ({"labels": {"-x": "1"}}, 400, "Invalid labels."),
        ({"labels": {"x": ""}}, 400, "Invalid labels."),
        ({"labels": {f"k{n}": "v" for n in range(51)}}, 400, "Invalid labels."),
        ({"unsafe_dynamic_tools": [{"name": ""}]}, 400, "Dynamic tool name must not"),
        (
            {"unsafe_dynamic_tools": [{"name": "a"}, {"name": "a"}]},
            400,
            "Duplicate dynamic tool name.",
        ),
        (
            {"unsafe_dynamic_tools": [{"name": f"t{n}"} for n in range(251)]},
            400,
            "Too many dynamic tools.",
        ),
        ({"client_type": "cli"}, 400, "Invalid client_type."),
        ({"content": "text"}, 400, "Request body must be valid JSON."),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_made(
    admin: Person, change: dict[str, Any], status: int, message: str
) -> None:
    body = {"organization_id": admin.organization, **text("x"), **change}

    answer = await admin.call("POST", "/chats", body)

    assert answer.status_code == status
    assert answer.json()["message"].startswith(message)
    assert (await admin.call("GET", "/chats")).json() == []


@pytest.mark.parametrize(
    "raw", [b"{not json", b'{"content":"' + b"x" * 300_000 + b'"}', b"[]", b""]
)
async def test_a_body_that_cannot_be_read_is_refused(admin: Person, raw: bytes) -> None:
    """Too long or no JSON: one message; the detail says which."""
    answer = await admin.http.post(CHATS, content=raw)

    assert answer.status_code == 400
    assert answer.json()["message"] == "Request body must be valid JSON."
    assert answer.json()["detail"]


async def test_a_prompt_of_five_megabytes_is_answered_not_cut_off(
    admin: Person,
) -> None:
    """The client is still sending when the server has seen enough."""
    body = {"organization_id": admin.organization, **text("x" * 5_000_000)}

    answer = await admin.call("POST", "/chats", body)

    assert answer.status_code == 400
    assert "too large" in answer.json()["detail"]


async def test_unknown_fields_are_ignored_and_types_are_trimmed(admin: Person) -> None:
    content = [{"type": " TEXT ", "text": " hi "}]

    chat = await admin.create(content=content, surprise=1)

    assert await admin.history(chat["id"]) == [("user", "hi")]


async def test_a_title_is_the_first_six_words(admin: Person) -> None:
    chat = await admin.create("one two  three\nfour five six seven")
    short = await admin.create("one " + "x" * 100)

    assert chat["title"] == "one two three four five six…"
    assert len(short["title"]) == 80


async def test_a_file_reference_is_shown_to_the_model_as_text(
    admin: Person, puppet: Puppet
) -> None:
    reference = {
        "type": "file-reference",
        "file_name": "a.py",
        "start_line": 3,
        "end_line": 4,
        "content": " x = 1\n",
    }
    await admin.create(content=[{"type": "text", "text": "why"}, reference])

    call = await puppet.asked()

    assert [part.text for part in call.messages[0].parts] == [  # type: ignore[union-attr]
        "why",
        "[file-reference] a.py:3-4\n```a.py\nx = 1\n```",
    ]


async def test_a_system_prompt_is_hidden_from_clients_and_told_to_the_model(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create("hello", system_prompt="Be kind.")

    call = await puppet.asked()

    assert call.system[1:] == ("Be kind.",)
    assert await admin.history(chat["id"]) == [("user", "hello")]


async def test_message_ids_begin_at_two(admin: Person) -> None:
    """A notice 'look after id 0' could not be told from none.

    The first one goes to the hidden prompt of the deployment.
    """
    chat = await admin.create()
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()

    assert page["messages"][0]["id"] == 3


async def test_without_any_model_no_chat_is_made(admin: Person) -> None:
    """Which is told before what else is wrong."""
    await admin.call("DELETE", f"/chats/model-configs/{admin.world.model}")

    body = {"organization_id": admin.organization, "plan_mode": "odd", **text("x")}
    answer = await admin.call("POST", "/chats", body)

    said = "No default chat model config is configured."
    assert (answer.status_code, answer.json()) == (400, {"message": said})


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("not-a-uuid", 400, 'Invalid UUID "not-a-uuid".'),
        (UNKNOWN, 404, "Resource not found or you do not have access to this resource"),
    ],
)
async def test_a_chat_that_is_not_there(
    admin: Person, path: str, status: int, message: str
) -> None:
    answer = await admin.call("GET", f"/chats/{path}")

    assert (answer.status_code, answer.json()["message"]) == (status, message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": "  "}, "Title cannot be empty."),
        ({"title": "x" * 201}, "Title must be"),
        ({"labels": {"": "x"}}, "Invalid labels."),
        ({"labels": {"x": None}}, "Invalid labels."),
        ({"archived": False}, "Chat is not archived."),
        ({"pin_order": -1}, "Pin order"),
        ({"pin_order": 2**31}, "Request body must be valid JSON"),
        ({"plan_mode": "x"}, "Invalid plan_mode value."),
        ({"workspace_id": UNKNOWN}, "Workspace not found"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(
    admin: Person, change: dict[str, Any], message: str
) -> None:
    chat = await admin.answered()

    answer = await admin.call("PATCH", f"/chats/{chat['id']}", change)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


async def test_a_change_of_nothing_is_no_error(admin: Person) -> None:
    chat = await admin.answered()

    answer = await admin.call("PATCH", f"/chats/{chat['id']}", {})
    after = (await admin.call("GET", f"/chats/{chat['id']}")).json()

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    # Its label may come any time after its answer.
    assert after == {**chat, "last_turn_summary": after["last_turn_summary"]}


async def test_a_rename_does_not_move_a_chat_in_the_list(admin: Person) -> None:
    chat = await admin.answered()

    await admin.call("PATCH", f"/chats/{chat['id']}", {"title": " Renamed "})
    found = (await admin.call("GET", f"/chats/{chat['id']}")).json()

    assert found["title"] == "Renamed"
    assert found["updated_at"] == chat["updated_at"]


async def test_labels_are_replaced_as_a_whole(admin: Person) -> None:
    chat = await admin.create(labels={"a": "1", "b": "2"})

    await admin.call("PATCH", f"/chats/{chat['id']}", {"labels": {"c": "3"}})

    found = (await admin.call("GET", f"/chats/{chat['id']}")).json()
    assert found["labels"] == {"c": "3"}


async def test_pins_are_numbered_and_shift_their_neighbours(admin: Person) -> None:
    chats = [(await admin.answered(f"number {n}"))["id"] for n in range(3)]
    for chat in chats:
        await admin.call("PATCH", f"/chats/{chat}", {"pin_order": 7})
    await admin.call("PATCH", f"/chats/{chats[2]}", {"pin_order": 1})
    await admin.call("PATCH", f"/chats/{chats[0]}", {"pin_order": 0})

    listed = (await admin.call("GET", "/chats")).json()

    assert [(c["id"], c["pin_order"]) for c in listed] == [
        (chats[2], 1),
        (chats[1], 2),
        (chats[0], 0),
    ]


async def test_an_archived_chat_cannot_be_pinned(admin: Person) -> None:
    chat = await admin.answered()
    await admin.call("PATCH", f"/chats/{chat['id']}", {"archived": True})

    answer = await admin.call("PATCH", f"/chats/{chat['id']}", {"pin_order": 1})
    again = await admin.call("PATCH", f"/chats/{chat['id']}", {"archived": True})

    assert (answer.status_code, again.status_code) == (400, 400)
