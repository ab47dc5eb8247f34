"""How the calls on chats, and around them, of the Go clients are called here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.chats import DynamicTool, UpdateChat
from coderchat_jupyter.wire.messages import (
    Content,
    FileInput,
    FileReferenceInput,
    TextInput,
)
from coderchat_jupyter.wire.tools import ToolResult
from tests.client.method_rows import (
    CHAT,
    CHAT_BODY,
    FILE,
    GROUP,
    ID,
    MODEL,
    ORGANIZATION,
    OTHER,
    USER,
    Row,
)

__all__ = ["CHATS", "create_chat"]

START: Final = datetime(2026, 6, 1, tzinfo=UTC)
END: Final = datetime(2026, 7, 1, tzinfo=UTC)
PERIOD: Final = {
    "start_date": "2026-06-01T00:00:00Z",
    "end_date": "2026-07-01T00:00:00Z",
}
TOOL: Final = DynamicTool(name="now", description="The time.", input_schema={})
RESULT: Final = ToolResult(tool_call_id="t1", output="noon", is_error=False)
CONTENT: Final[Content] = (
    "Look at this.",
    FileInput(file_id=FILE),
    FileReferenceInput(file_name="a.py", start_line=1, end_line=2, content="x"),
    TextInput(text="Well?"),
)
LIMIT: Final = {
    "spend_limit_micros": 5,
    "period": "week",
    "updated_at": "2026-06-01T12:00:00Z",
}


async def _open(connection: Any) -> bool:
    async with connection as events:
        async for _ in events:
            pass
    return True


def create_chat(client: Client) -> Awaitable[Any]:
    """Make a chat, and leave nothing out that G1 has."""
    return client.chats.create(
        CONTENT,
        model_config_id=MODEL,
        labels={"a": "b"},
        system_prompt="Be kind.",
        organization_id=ORGANIZATION,
        workspace_id=ID,
        mcp_server_ids=[ID],
        plan_mode="plan",
        unsafe_dynamic_tools=[TOOL],
        client_type="ui",
    )


def _limit(
    ours: str, call: Callable[[Client], Awaitable[Any]], answer: Any = None
) -> Row:
    request = "UpsertChatUsageLimitOverrideRequest" if answer else ""
    return Row(ours=ours, call=call, holes=(ID,), request=request, answer=answer)


_SET_USER: Final = _limit(
    "usage.set_user",
    lambda c: c.usage.set_user(USER, 5),
    {"user_id": ID, "username": "ada", "name": "", "avatar_url": ""},
)
_DELETE_USER: Final = _limit("usage.delete_user", lambda c: c.usage.delete_user(USER))

CHATS: Final[dict[str, Row]] = {
    "ListChats": Row(
        ours="chats.list",
        call=lambda c: c.chats.list(
            query="title:a", labels={"k": "v"}, limit=5, offset=2, after_id=CHAT
        ),
        query={
            "q": "title:a",
            "label": "k:v",
            "limit": "5",
            "offset": "2",
            "after_id": ID,
        },
    ),
    "CreateChat": Row(
        ours="chats.create",
        call=create_chat,
        request="CreateChatRequest",
        answer=CHAT_BODY,
    ),
    "GetChat": Row(ours="chats.get", call=lambda c: c.chats.get(CHAT), holes=(ID,)),
    "UpdateChat": Row(
        ours="chats.update",
        call=lambda c: c.chats.update(
            CHAT,
            UpdateChat(
                title="T",
                archived=False,
                workspace_id=ID,
                pin_order=0,
                labels={},
                plan_mode="",
            ),
        ),
        holes=(ID,),
        request="UpdateChatRequest",
    ),
    "GetChatsByWorkspace": Row(
        ours="chats.by_workspace",
        call=lambda c: c.chats.by_workspace([ID, OTHER]),
        holes=(f"{ID},{OTHER}",),
        answer={ID: OTHER},
    ),
    "InterruptChat": Row(
        ours="chats.interrupt",
        call=lambda c: c.chats.interrupt(CHAT),
        holes=(ID,),
    ),
    "RegenerateChatTitle": Row(
        ours="chats.regenerate_title",
        call=lambda c: c.chats.regenerate_title(CHAT),
        holes=(ID,),
    ),
    "ProposeChatTitle": Row(
        ours="chats.propose_title",
        call=lambda c: c.chats.propose_title(CHAT),
        holes=(ID,),
        answer={"title": "T"},
    ),
    "StreamChat": Row(
        ours="chats.stream",
        call=lambda c: _open(c.chats.stream(CHAT, 5)),
        holes=(ID,),
        query={"after_id": "5"},
    ),
    "WatchChats": Row(
        ours="chats.watch",
        call=lambda c: _open(c.chats.watch()),
    ),
    "GetChatMessages": Row(
        ours="messages.list",
        call=lambda c: c.messages.list(CHAT, before_id=9, after_id=2, limit=5),
        holes=(ID,),
        query={"before_id": "9", "after_id": "2", "limit": "5"},
    ),
    "GetChatPrompts": Row(
        ours="messages.prompts",
        call=lambda c: c.messages.prompts(CHAT, limit=5),
        holes=(ID,),
        query={"limit": "5"},
    ),
    "CreateChatMessage": Row(
        ours="messages.send",
        call=lambda c: c.messages.send(
            CHAT,
            CONTENT,
            model_config_id=MODEL,
            when_busy="interrupt",
            plan_mode="",
            mcp_server_ids=[],
        ),
        holes=(ID,),
        request="CreateChatMessageRequest",
    ),
    "EditChatMessage": Row(
        ours="messages.edit",
        call=lambda c: c.messages.edit(CHAT, 7, CONTENT, model_config_id=MODEL),
        holes=(ID, "7"),
        request="EditChatMessageRequest",
    ),
    "SubmitToolResults": Row(
        ours="tools.submit",
        call=lambda c: c.tools.submit(CHAT, [RESULT]),
        holes=(ID,),
        request="SubmitToolResultsRequest",
    ),
    "GetChatDiffContents": Row(
        ours="diffs.contents",
        call=lambda c: c.diffs.contents(CHAT),
        holes=(ID,),
        answer={"chat_id": ID},
    ),
    "GetChatACL": Row(
        ours="sharing.get",
        call=lambda c: c.sharing.get(CHAT),
        holes=(ID,),
        answer={"users": [], "groups": []},
    ),
    "UpdateChatACL": Row(
        ours="sharing.update",
        call=lambda c: c.sharing.update(CHAT, users={USER: "read"}, groups={GROUP: ""}),
        holes=(ID,),
        request="UpdateChatACL",
    ),
    "GetChatDebugRuns": Row(
        ours="debug.runs",
        call=lambda c: c.debug.runs(CHAT),
        holes=(ID,),
        answer=[],
    ),
    "GetChatDebugRun": Row(
        ours="debug.run",
        call=lambda c: c.debug.run(CHAT, OTHER),
        holes=(ID, OTHER),
        answer={
            "id": OTHER,
            "chat_id": ID,
            "kind": "chat_turn",
            "status": "completed",
            "started_at": "2026-06-01T12:00:00Z",
            "updated_at": "2026-06-01T12:00:00Z",
            "steps": [],
        },
    ),
    "UploadChatFile": Row(
        ours="files.upload",
        call=lambda c: c.files.upload(
            b"a,b", name="a.csv", organization_id=ORGANIZATION
        ),
        holes=(OTHER,),
        answer={"id": ID},
    ),
    "GetChatFile": Row(
        ours="files.download",
        call=lambda c: c.files.download(FILE),
        holes=(ID,),
        answer=b"a,b",
    ),
    "GetChatCostSummary": Row(
        ours="costs.summary",
        call=lambda c: c.costs.summary("ada", start=START, end=END),
        holes=("ada",),
        query=PERIOD,
        answer={"start_date": START.isoformat(), "end_date": END.isoformat()},
    ),
    "GetChatCostUsers": Row(
        ours="costs.users",
        call=lambda c: c.costs.users(
            start=START, end=END, username="a", limit=5, offset=2
        ),
        query={**PERIOD, "username": "a", "limit": "5", "offset": "2"},
        answer={
            "start_date": START.isoformat(),
            "end_date": END.isoformat(),
            "count": 0,
            "users": [],
        },
    ),
    "GetChatUsageLimitConfig": Row(
        ours="usage.config", call=lambda c: c.usage.config(), answer=LIMIT
    ),
    "UpdateChatUsageLimitConfig": Row(
        ours="usage.update_config",
        call=lambda c: c.usage.update_config(5, period="week"),
        request="ChatUsageLimitConfig",
        answer=LIMIT,
    ),
    "GetMyChatUsageLimitStatus": Row(
        ours="usage.status",
        call=lambda c: c.usage.status(),
        answer={"is_limited": False, "current_spend": 0},
    ),
    "UpsertChatUsageLimitOverride": _SET_USER,
    "UpdateChatUserUsageLimitOverride": _SET_USER,
    "DeleteChatUsageLimitOverride": _DELETE_USER,
    "DeleteChatUserUsageLimitOverride": _DELETE_USER,
    "UpsertChatUsageLimitGroupOverride": _limit(
        "usage.set_group",
        lambda c: c.usage.set_group(GROUP, 5),
        {"group_id": ID, "group_name": "g", "member_count": 1},
    ),
    "DeleteChatUsageLimitGroupOverride": _limit(
        "usage.delete_group", lambda c: c.usage.delete_group(GROUP)
    ),
}
