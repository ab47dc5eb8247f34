"""What chats cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from coderchat_jupyter.server.routes._endpoint import Call, answer, endpoint
from coderchat_jupyter.server.routes._query import QueryReader
from coderchat_jupyter.server.routes.users import user_named
from coderchat_jupyter.server.storage.costs import cost_summary

__all__ = ["summary"]

_DEFAULT_RANGE = timedelta(days=30)


@endpoint
async def summary(call: Call) -> Response:
    """`GET /chats/cost/{user}/summary`."""
    user = await user_named(call)
    query = QueryReader(call.request.query_params)
    query.only(("start_date", "end_date"))
    now = call.service.moves.clock()
    start = _time(call, query, "start_date", now - _DEFAULT_RANGE)
    end = _time(call, query, "end_date", now)
    query.done()
    async with call.service.database.read() as connection:
        return answer(await cost_summary(connection, user.id, start, end))


def _time(call: Call, query: QueryReader, name: str, default: datetime) -> datetime:
    text = call.request.query_params.get(name, "")
    if not text:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or "T" not in text:
        query.fault(name, f'Query param "{name}" must be a valid date, got "{text}"')
        return default
    return moment.astimezone(UTC)
