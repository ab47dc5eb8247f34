"""The caller's chats."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.failures import bad_request
from coderchat_jupyter.server.routes._endpoint import Call, answer, endpoint
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.routes._query import QueryReader
from coderchat_jupyter.server.routes._search import search_terms
from coderchat_jupyter.server.storage.chat_pages import ChatFilter, page_of_chats
from coderchat_jupyter.server.storage.chats import children_of
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.wire.ids import ZERO_UUID

__all__ = ["list_chats"]

_PAGE: Final = 50
_MAX_INT32: Final = 2**31 - 1


@endpoint
async def list_chats(call: Call) -> Response:
    """`GET /chats`: the caller's own, or those that are shared with them."""
    params = call.request.query_params
    query = QueryReader(params)
    limit = query.natural("limit", 0, maximum=_MAX_INT32) or _PAGE
    offset = query.natural("offset", 0, maximum=_MAX_INT32)
    after_id: str | None = None
    if text := query.text("after_id"):
        try:
            # Zero stands for no id at all.
            after_id = normal_uuid(text).replace(ZERO_UUID, "") or None
        except ValueError as error:
            query.fault("after_id", str(error))
    query.done()
    # Of several queries the first counts.
    search, *_ = params.getlist("q") or [""]
    terms = search_terms(search, strict=call.service.settings.strict_g1)
    wanted = ChatFilter(**terms, labels=_labels(params.getlist("label")))
    async with call.service.database.read() as connection:
        rows = await page_of_chats(
            connection,
            call.user.id,
            wanted,
            limit=limit,
            offset=offset,
            after_id=after_id,
        )
        found = await children_of(connection, [row.id for row, _ in rows])
    families: defaultdict[str | None, list[tuple[ChatRow, bool]]] = defaultdict(list)
    for child, unread in found:
        families[child.root_chat_id].append((child, unread))
    return answer(
        [
            present.chat(
                row, has_unread=unread, blank_diff=True, children=families[row.id]
            )
            for row, unread in rows
        ]
    )


def _labels(given: list[str]) -> dict[str, str]:
    labels = {}
    for text in given:
        key, colon, value = text.partition(":")
        if not (key and colon and value):
            raise bad_request(f'Invalid label filter "{text}": use key:value.')
        labels[key] = value
    return labels
