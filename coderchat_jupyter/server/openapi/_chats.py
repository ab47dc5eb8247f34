"""The operations on chats, and on what is said in them."""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.server.openapi._operations import (
    NOTHING,
    SOCKET,
    Bytes,
    Operation,
    Query,
    Table,
    answers,
    number,
    word,
)
from coderchat_jupyter.server.routes import _bodies as bodies
from coderchat_jupyter.wire.chats import Chat, ProposedTitle
from coderchat_jupyter.wire.debug import DebugRun, DebugRunSummary
from coderchat_jupyter.wire.diffs import DiffContents
from coderchat_jupyter.wire.failures import ErrorBody
from coderchat_jupyter.wire.files import UploadedFile
from coderchat_jupyter.wire.messages import (
    EditedMessage,
    MessagesPage,
    Prompts,
    SentMessage,
)
from coderchat_jupyter.wire.sharing import AccessList

__all__ = ["CHATS"]

_ROOT: Final = "/api/experimental/chats"
_CHAT: Final = f"{_ROOT}/{{chat}}"
_ID: Final = 2**63 - 1
_UUID: Final[dict[str, Any]] = {"format": "uuid"}

CHATS: Final[Table] = {
    f"GET {_ROOT}": answers(
        list[Chat],
        query=(
            number("limit"),
            number("offset"),
            word("after_id", **_UUID),
            word("q"),
            Query("label", {"type": "array", "items": {"type": "string"}}),
        ),
        refusals=(400,),
    ),
    f"POST {_ROOT}": answers(
        Chat, 201, body=bodies.CreateChatBody, refusals=(400, 404, 409)
    ),
    f"GET {_ROOT}/by-workspace": answers(
        dict[str, Any], query=(word("workspace_ids"),), refusals=(400,)
    ),
    f"GET {_ROOT}/watch": SOCKET,
    f"POST {_ROOT}/files": answers(
        UploadedFile,
        201,
        body=Bytes,
        query=(Query("organization", {"type": "string", **_UUID}, required=True),),
        refusals=(400, 404, 413),
    ),
    f"GET {_ROOT}/files/{{file}}": answers(Bytes),
    f"GET {_CHAT}": answers(Chat),
    f"PATCH {_CHAT}": answers(
        NOTHING, 204, body=bodies.UpdateChatBody, refusals=(400, 404, 409)
    ),
    f"GET {_CHAT}/acl": answers(AccessList),
    f"PATCH {_CHAT}/acl": answers(NOTHING, 204, body=bodies.UpdateAccessBody),
    f"GET {_CHAT}/messages": answers(
        MessagesPage,
        query=(
            number("before_id", maximum=_ID),
            number("after_id", maximum=_ID),
            number("limit", minimum=1, maximum=200),
        ),
    ),
    f"POST {_CHAT}/messages": answers(
        SentMessage, body=bodies.SendMessageBody, refusals=(400, 404, 409, 429)
    ),
    f"PATCH {_CHAT}/messages/{{message}}": answers(
        EditedMessage, body=bodies.EditMessageBody, refusals=(400, 404, 409)
    ),
    f"GET {_CHAT}/prompts": answers(Prompts, query=(number("limit", maximum=2000),)),
    f"GET {_CHAT}/stream": Operation(
        {101: NOTHING},
        query=(number("after_id", minimum=None, maximum=_ID),),
        refusals=(400, 404, 426),
    ),
    f"GET {_CHAT}/stream/git": Operation({101: NOTHING}),
    f"GET {_CHAT}/stream/desktop": Operation({101: NOTHING}),
    f"POST {_CHAT}/interrupt": answers(Chat),
    f"POST {_CHAT}/tool-results": answers(
        NOTHING, 204, body=bodies.ToolResultsBody, refusals=(400, 404, 409)
    ),
    f"POST {_CHAT}/title/regenerate": answers(Chat, refusals=(400, 404, 409, 500)),
    f"POST {_CHAT}/title/propose": answers(
        ProposedTitle, refusals=(400, 404, 409, 500)
    ),
    f"GET {_CHAT}/diff": answers(DiffContents),
    f"DELETE {_CHAT}/queue/{{queued}}": answers(NOTHING, 204),
    # The reference answers 500 for an entry that is not there.
    f"POST {_CHAT}/queue/{{queued}}/promote": answers(
        ErrorBody, 202, refusals=(400, 404, 500)
    ),
    f"GET {_CHAT}/debug/runs": answers(list[DebugRunSummary]),
    f"GET {_CHAT}/debug/runs/{{run}}": answers(DebugRun),
}
