"""What becomes of all chats, and what changes in a workspace."""

from __future__ import annotations

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import InvalidRequestError
from coderchat_jupyter.wire.git import means_no_diff
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.watch import UnknownWatchEvent, WatchEvent
from tests.client.speaking import Said, answering, says, speaking
from tests.fakes.raw_web import answer, close_frame, read_client_frame, text_frame

CHAT = ChatId("11111111-1111-4111-8111-111111111111")
TOKEN = "abcdefghij-verysecretverysecret"
NOW = "2026-06-01T00:00:00Z"


def chat(status: str = "waiting") -> str:
    return (
        f'{{"id":"{CHAT}","status":"{status}","created_at":"{NOW}",'
        f'"updated_at":"{NOW}","of_tomorrow":1}}'
    )


async def test_all_chats_are_watched() -> None:
    """Each kind once, newer ones and unreadable ones included."""
    wrapped = f'{{"type":"data","data":{{"kind":"deleted","chat":{chat()}}}}}'
    tools = '[{"tool_call_id":"c","tool_name":"t","args":"{}"}]'
    said = says(
        f'{{"kind":"created","chat":{chat("pending")}}}\n',
        '{"type":"ping"}',
        wrapped,
        f'{{"kind":"of_tomorrow","chat":{chat()},"more":1}}',
        f'{{"kind":"action_required","chat":{chat()},"tool_calls":{tools}}}',
        '{"kind":"created"}',
        "{",
        close_frame(1000),
    )

    async with (
        speaking(said) as server,
        Client(server.url, TOKEN) as client,
        client.chats.watch() as happenings,
    ):
        found = [event async for event in happenings]
    asked = server.requests[0]

    kinds = [event.kind for event in found]
    assert kinds == [
        "created",
        "deleted",
        "of_tomorrow",
        "action_required",
        "created",
        "",
    ]
    assert [type(event) for event in found[-2:]] == [UnknownWatchEvent] * 2
    assert isinstance(found[3], WatchEvent)
    assert found[3].tool_calls[0].tool_name == "t"
    assert found[2].model_extra == {"more": 1}
    assert asked.target == "/api/experimental/chats/watch"
    assert asked.headers["coder-session-token"] == TOKEN


async def test_the_workspace_of_a_chat_is_followed_and_asked() -> None:
    """Nobody else is spoken to: this one passes on to the workspace."""
    heard: list[bytes] = []

    async def workspace(one: Said) -> None:
        frame = await read_client_frame(one.reader)
        assert frame is not None
        heard.append(frame[1])
        diff = "x" * 5_000_000
        repo = f'{{"repo_root":"/r","branch":"main","unified_diff":"{diff}","new":1}}'
        scanned = '"scanned_at":"2026-06-01T00:00:00.123456789Z"'
        changes = f'{{"type":"changes",{scanned},"repositories":[{repo}]}}'
        for text in ("{", changes, '{"type":"error","message":"no git"}'):
            await one.write(text_frame(text.encode()))
        await one.write(close_frame(1001))
        await one.reader.read(100)

    async with (
        speaking(workspace) as server,
        Client(server.url, TOKEN) as client,
        client.chats.stream_git(CHAT) as watch,
    ):
        await watch.refresh()
        found = [message async for message in watch]

    assert heard == [b'{"type":"refresh"}\n']
    assert [message.type for message in found] == ["changes", "error"]
    assert len(found[0].repositories[0].unified_diff) == 5_000_000
    assert found[0].repositories[0].model_extra == {"new": 1}
    assert server.requests[0].path.endswith(f"/chats/{CHAT}/stream/git")


@pytest.mark.parametrize(
    ("message", "nothing"),
    [
        ("Chat has no workspace to watch.", True),
        (" Chat workspace not found.\n", True),
        ("Chat workspace has no agents.", True),
        ('Agent state is "connecting", it must be in the "connected" state.', True),
        ("Chat has no workspace to watch. Really.", False),
        ("", False),
    ],
)
async def test_a_workspace_with_nothing_to_show_is_told_apart(
    message: str, nothing: bool
) -> None:
    """The words are part of the protocol: official clients compare them."""
    refusal = answer(400, {"message": message})
    async with answering(refusal) as url, Client(url, TOKEN) as client:
        with pytest.raises(InvalidRequestError) as caught:
            async with client.chats.stream_git(CHAT):
                pass

    assert means_no_diff(message) is nothing
    assert caught.value.status == 400
