"""What needs a workspace: answered as a deployment without workspaces does."""

from __future__ import annotations

from starlette.responses import Response

from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    chat_of,
    endpoint,
)
from coderchat_jupyter.wire.diffs import DiffContents

__all__ = ["diff"]


@endpoint
async def diff(call: Call) -> Response:
    """`GET /chats/{chat}/diff`: no chat here has a git repository."""
    chat = await chat_of(call.request, call.user)
    return answer(DiffContents(chat_id=chat.id))
