"""What chats cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from starlette.responses import Response

from coderchat_jupyter.server.engine.limits import limit_status
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    only_admin,
)
from coderchat_jupyter.server.routes._query import QueryReader
from coderchat_jupyter.server.routes.users import user_named
from coderchat_jupyter.server.storage.costs import cost_by_user, cost_summary
from coderchat_jupyter.wire.insights import PullRequestInsights

__all__ = ["by_user", "pull_requests", "summary"]

_DEFAULT_RANGE: Final = timedelta(days=30)
_PAGE: Final = 10
_MAX_INT32: Final = 2**31 - 1


@endpoint
async def summary(call: Call) -> Response:
    """`GET /chats/cost/{user}/summary`."""
    user = await user_named(call)
    query = QueryReader(call.request.query_params)
    query.only(("start_date", "end_date"))
    now = call.service.moves.clock()
    start = query.moment("start_date", now - _DEFAULT_RANGE)
    end = query.moment("end_date", now)
    query.done()
    async with call.service.database.read() as connection:
        found = await cost_summary(connection, user.id, start, end)
        budget = await limit_status(connection, user, now)
    return answer(found.model_copy(update={"usage_limit": budget}))


@endpoint
async def by_user(call: Call) -> Response:
    """`GET /chats/cost/users`."""
    only_admin(call.user)
    query = QueryReader(call.request.query_params)
    query.only(("start_date", "end_date", "username", "limit", "offset"))
    now = call.service.moves.clock()
    start = query.moment("start_date", now - _DEFAULT_RANGE)
    end = query.moment("end_date", now)
    username = query.text("username").strip()
    limit = query.whole("limit", _PAGE)
    offset = query.whole("offset", 0)
    query.done()
    # A limit below 1 means none was given; an offset below 0 is a mistake.
    limit = limit if limit > 0 else _PAGE
    for name, number in (("offset", offset), ("limit", limit)):
        if not 0 <= number <= _MAX_INT32:
            query.fault(name, f"{number} is not between 0 and {_MAX_INT32}.")
    query.done()
    async with call.service.database.read() as connection:
        found = await cost_by_user(
            connection,
            start,
            end,
            username=username,
            limit=limit,
            offset=offset,
        )
    return answer(found)


@endpoint
async def pull_requests(call: Call) -> Response:
    """`GET /chats/insights/pull-requests`: without workspaces there are none."""
    only_admin(call.user)
    query = QueryReader(call.request.query_params)
    query.only(("start_date", "end_date"))
    now = call.service.moves.clock()
    query.moment("start_date", now - _DEFAULT_RANGE)
    query.moment("end_date", now)
    query.done()
    return answer(PullRequestInsights())
