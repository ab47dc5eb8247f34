"""What needs a workspace, where there is none."""

from __future__ import annotations

from typing import Final

import pytest
import websockets

from tests.server.world import CHATS, Person

ID: Final = "11111111-1111-4111-8111-111111111111"
URL: Final = "/chats/by-workspace"
TEXT: Final = "Chat has no workspace to watch."


async def test_no_chat_has_a_workspace(admin: Person) -> None:
    answers = [
        await admin.call("GET", URL),
        await admin.call("GET", URL, workspace_ids=""),
        await admin.call("GET", URL, workspace_ids=",".join([ID] * 25)),
    ]

    assert [(a.status_code, a.json()) for a in answers] == [(200, {})] * 3


async def test_workspaces_must_be_ids_and_few(admin: Person) -> None:
    many = await admin.call("GET", URL, workspace_ids=",".join([ID] * 26))
    bad = await admin.call("GET", URL, workspace_ids=f"{ID},x")

    assert (many.status_code, bad.status_code) == (400, 400)
    assert list(bad.json()) == ["message"]
    assert '"x"' in bad.json()["message"]
    assert "invalid UUID length: 1" in bad.json()["message"]


@pytest.mark.parametrize("view", ["git", "desktop"])
async def test_what_shows_a_workspace_is_refused_before_there_is_a_socket(
    view: str, admin: Person, other: Person
) -> None:
    """Clients compare this very sentence."""
    chat = await admin.create()
    path = f"/chats/{chat['id']}/stream/{view}"
    plain = await admin.call("GET", path)
    foreign = await other.call("GET", path)
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(
            f"{admin.world.url.replace('http', 'ws', 1)}{CHATS}/{chat['id']}"
            f"/stream/{view}",
            additional_headers={
                "Coder-Session-Token": admin.account.token.get_secret_value()
            },
        )

    assert (plain.status_code, plain.json()) == (400, {"message": TEXT})
    assert foreign.status_code == 404
    assert refused.value.response.status_code == 400
    assert TEXT.encode() in (refused.value.response.body or b"")
