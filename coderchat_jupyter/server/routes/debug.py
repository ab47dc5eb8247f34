"""Debug runs of a chat, for all who may read it."""

from __future__ import annotations

from starlette.responses import Response

from coderchat_jupyter.server.failures import bad_request, not_found
from coderchat_jupyter.server.routes._endpoint import Call, answer, chat_of, endpoint
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage.debug_runs import debug_run, list_debug_runs

__all__ = ["get", "list_runs"]


@endpoint
async def list_runs(call: Call) -> Response:
    """`GET /chats/{chat}/debug/runs`."""
    chat = await chat_of(call.request, call.user)
    async with call.service.database.read() as connection:
        return answer(await list_debug_runs(connection, chat.id))


@endpoint
async def get(call: Call) -> Response:
    """`GET /chats/{chat}/debug/runs/{run}`."""
    chat = await chat_of(call.request, call.user)
    try:
        run_id = normal_uuid(call.request.path_params["run"])
    except ValueError as error:
        raise bad_request("Invalid debug run ID.", detail=str(error)) from None
    async with call.service.database.read() as connection:
        found = await debug_run(connection, chat.id, run_id)
    if found is None:
        raise not_found()
    return answer(found)
