"""From priced requests to what the page is shown."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Final

from coderchat_jupyter.bridge.buckets import columns, zone_name
from coderchat_jupyter.bridge.cost_view import (
    ChatRow,
    CostChart,
    CostColumn,
    CostSeries,
    CostTotals,
    CostView,
)
from coderchat_jupyter.state.pricing import REMOVED_MODEL, PricedRequest, sum_micros

__all__ = ["OTHER_SLOT", "cost_chart", "cost_view"]

OWN_COLOURS: Final = 5
"""More models than this and no two colours stay apart; the rest is one series."""

OTHER_SLOT: Final = 6


def cost_view(
    requests: Sequence[PricedRequest],
    *,
    now: datetime,
    zone: tzinfo,
    chats: int,
    server_micros: int | None = None,
) -> CostView:
    """All of what a CostExplorer shows of these requests.

    Args:
        requests: Of every chat, in any order.
        now: When they were read; the chart ends here.
        zone: Columns begin and end in its local time.
        chats: How many chats were looked at, those without a request included.
        server_micros: What the server counted for the same chats, where it says so.
    """
    unpriced = sorted({r.model for r in requests if r.micros is None} - {REMOVED_MODEL})
    return CostView(
        phase="ready",
        read_at=now.astimezone(zone).isoformat(),
        since=min((r.created_at for r in requests), default=now).isoformat(),
        totals=_totals(requests, chats),
        chart=cost_chart(requests, now=now, zone=zone) if requests else None,
        chats=_rows(requests),
        unpriced_models=tuple(unpriced),
        server_micros=server_micros,
    )


def cost_chart(
    requests: Sequence[PricedRequest], *, now: datetime, zone: tzinfo
) -> CostChart:
    """Cost over time, stacked by model; unpriced requests are counted beside it."""
    # A clock that is behind the server's must not cut the newest answer off.
    last = max(now, *(r.created_at for r in requests))
    unit, cut = columns(min(r.created_at for r in requests), last, zone)
    series, slots = _series(requests)

    cells: list[list[list[PricedRequest]]] = [[[] for _ in series] for _ in cut]
    unpriced, counts = [0] * len(cut), [0] * len(cut)
    starts = [column.start for column in cut]
    for request in requests:
        # What is older than the first column, years away, is counted there.
        index = max(0, bisect_right(starts, request.created_at) - 1)
        counts[index] += 1
        if request.micros is None:
            unpriced[index] += 1
        else:
            cells[index][slots[request.model]].append(request)
    return CostChart(
        unit=unit.name,
        zone=zone_name(now.astimezone(zone)),
        series=series,
        columns=tuple(
            CostColumn(
                label=column.label,
                tick=column.tick,
                micros=tuple(sum_micros(cell) for cell in cells[index]),
                unpriced=unpriced[index],
                requests=counts[index],
            )
            for index, column in enumerate(cut)
        ),
    )


def _series(
    requests: Iterable[PricedRequest],
) -> tuple[tuple[CostSeries, ...], dict[str, int]]:
    """The models that get a colour, and where in the stack each model goes."""
    spent: dict[str, int] = defaultdict(int)
    first: dict[str, datetime] = {}
    for request in requests:
        if request.micros is None:
            continue
        name, at = request.model, request.created_at
        spent[name] += request.micros
        first[name] = min(at, first.get(name, at))
    dearest = sorted(spent, key=lambda name: (-spent[name], name))
    # In order of first use, so that a colour does not jump when costs overtake.
    shown = sorted(dearest[:OWN_COLOURS], key=lambda name: (first[name], name))
    series = [CostSeries(name=n, slot=i) for i, n in enumerate(shown, start=1)]
    rest = dearest[OWN_COLOURS:]
    if rest:
        series.append(CostSeries(name="Other", slot=OTHER_SLOT))
    places = {name: index for index, name in enumerate(shown)}
    return tuple(series), places | dict.fromkeys(rest, len(shown))


def _totals(requests: Sequence[PricedRequest], chats: int) -> CostTotals:
    return CostTotals(
        micros=sum_micros(requests),
        requests=len(requests),
        unpriced=sum(r.micros is None for r in requests),
        input_tokens=sum(r.input_tokens for r in requests),
        output_tokens=sum(r.output_tokens for r in requests),
        cache_read_tokens=sum(r.cache_read_tokens for r in requests),
        cache_creation_tokens=sum(r.cache_creation_tokens for r in requests),
        chats=chats,
    )


def _rows(requests: Sequence[PricedRequest]) -> tuple[ChatRow, ...]:
    """One row per chat, dearest first; chats without a price after the free ones."""
    by_chat: dict[str, list[PricedRequest]] = defaultdict(list)
    for request in sorted(requests, key=lambda r: (r.created_at, r.message_id)):
        by_chat[request.chat_id].append(request)
    rows = [
        ChatRow(
            chat_id=chat_id,
            title=group[-1].chat_title,
            models=tuple(dict.fromkeys(r.model for r in group)),
            requests=len(group),
            unpriced=sum(r.micros is None for r in group),
            input_tokens=sum(r.input_tokens for r in group),
            output_tokens=sum(r.output_tokens for r in group),
            cached_tokens=sum(
                r.cache_read_tokens + r.cache_creation_tokens for r in group
            ),
            micros=sum_micros(group),
        )
        for chat_id, group in by_chat.items()
    ]
    rows.sort(key=lambda row: (row.micros is None, -(row.micros or 0), row.title))
    return tuple(rows)
