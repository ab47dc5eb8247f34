"""What the tools came to that a chat's client runs."""

from __future__ import annotations

from starlette.responses import Response

from coderchat_jupyter.server.engine.parking import (
    GivenResult,
    submit_results,
    unparked,
)
from coderchat_jupyter.server.failures import bad_request
from coderchat_jupyter.server.routes._bodies import ToolResultsBody
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    chat_of,
    endpoint,
    no_content,
)
from coderchat_jupyter.server.routes.messages import only_owner

__all__ = ["submit"]


@endpoint
async def submit(call: Call) -> Response:
    """`POST /chats/{chat}/tool-results`."""
    chat = await chat_of(call.request, call.user)
    only_owner(call, chat, "submit tool results")
    if chat.archived:
        raise bad_request("Cannot submit tool results to an archived chat.")
    body = await read_body(call.request, ToolResultsBody)
    if not body.results:
        raise bad_request("At least one tool result is required.")
    if (refusal := unparked(chat.status)) is not None:
        raise refusal
    results = [
        GivenResult(
            call_id=given.tool_call_id,
            output=given.output,
            is_json="output" in given.model_fields_set,
            is_error=given.is_error,
        )
        for given in body.results
    ]
    await submit_results(call.service.moves, chat.id, call.user, results)
    return no_content()
