"""New titles on demand."""

from __future__ import annotations

from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine.titles import propose_title, regenerate_title
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    chat_of,
    endpoint,
)
from coderchat_jupyter.server.routes.messages import only_owner

__all__ = ["propose", "regenerate"]


@endpoint
async def regenerate(call: Call) -> Response:
    """`POST /chats/{chat}/title/regenerate`."""
    chat = await chat_of(call.request, call.user)
    only_owner(call, chat, "regenerate chat titles")
    return answer(present.chat(await regenerate_title(call.service.asides, chat.id)))


@endpoint
async def propose(call: Call) -> Response:
    """`POST /chats/{chat}/title/propose`."""
    chat = await chat_of(call.request, call.user)
    only_owner(call, chat, "propose chat titles")
    return answer({"title": await propose_title(call.service.asides, chat.id)})
