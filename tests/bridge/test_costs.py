"""From priced requests to the view, and to what is left without a kernel."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

from coderchat_jupyter.bridge.cost_twin import (
    cost_html,
    cost_markdown,
    cost_plain,
    cost_summary,
)
from coderchat_jupyter.bridge.cost_view import CostView
from coderchat_jupyter.bridge.costs import OTHER_SLOT, cost_view
from coderchat_jupyter.state.pricing import PricedRequest
from coderchat_jupyter.wire.ids import ChatId

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)


def request(
    model: str = "atlas",
    micros: int | None = 1000,
    *,
    ago: timedelta = timedelta(hours=1),
    chat: str = "c1",
    title: str = "Refunds",
    message_id: int = 1,
) -> PricedRequest:
    return PricedRequest(
        chat_id=ChatId(chat),
        chat_title=title,
        message_id=message_id,
        created_at=NOW - ago,
        model_config_id=None,
        model=model,
        provider="openai",
        input_tokens=100,
        output_tokens=20,
        reasoning_tokens=0,
        cache_read_tokens=30,
        cache_creation_tokens=4,
        micros=micros,
    )


def view(*requests: PricedRequest, chats: int = 1) -> CostView:
    return cost_view(requests, now=NOW, zone=UTC, chats=chats)


def test_the_chart_adds_up_to_the_total() -> None:
    """Nothing may fall between two columns."""
    made = [
        request(micros=n * 100, ago=timedelta(minutes=37 * n), message_id=n)
        for n in range(1, 90)
    ]

    shown = view(*made)

    assert shown.chart is not None and shown.totals is not None
    cells = [c for column in shown.chart.columns for c in column.micros]
    assert sum(c or 0 for c in cells) == shown.totals.micros == 100 * 89 * 90 // 2
    assert sum(column.requests for column in shown.chart.columns) == 89


def test_an_unpriced_request_is_counted_and_never_valued() -> None:
    """It is in the lane and in the count of requests, and in no sum."""
    shown = view(request(), request("cedar", None), request("cedar", None))

    assert shown.totals is not None and shown.chart is not None
    assert (shown.totals.micros, shown.totals.requests) == (1000, 3)
    assert sum(column.unpriced for column in shown.chart.columns) == 2
    assert [series.name for series in shown.chart.series] == ["atlas"]
    assert shown.unpriced_models == ("cedar",)


def test_without_any_price_the_total_is_unknown_and_not_zero() -> None:
    """Zero would say that it was free."""
    shown = view(request("cedar", None))

    assert shown.totals is not None
    assert shown.totals.micros is None
    assert shown.chats[0].micros is None
    assert "$0" not in cost_plain(shown)


def test_free_requests_have_a_cell_of_zero_and_quiet_columns_have_none() -> None:
    """The readout tells a free hour from an hour without requests."""
    shown = view(request("tiny", 0))

    assert shown.chart is not None and shown.totals is not None
    assert shown.totals.micros == 0
    cells = [column.micros[0] for column in shown.chart.columns]
    assert cells.count(0) == 1
    assert cells.count(None) == len(cells) - 1


def test_more_than_five_models_share_one_colour_for_the_rest() -> None:
    """Six colours are what eyes can tell apart; the dearest keep their own."""
    made = [request(f"m{n}", 100 * n, ago=timedelta(minutes=n)) for n in range(1, 9)]

    shown = view(*made)

    assert shown.chart is not None
    names = {series.name: series.slot for series in shown.chart.series}
    assert set(names) == {"m4", "m5", "m6", "m7", "m8", "Other"}
    assert names["Other"] == OTHER_SLOT
    assert sum(c.micros[-1] or 0 for c in shown.chart.columns) == 100 + 200 + 300


def test_a_colour_stays_when_costs_overtake() -> None:
    """A refresh must not swap two models' colours under the reader's eyes."""
    first = request("atlas", 500, ago=timedelta(hours=3))
    second = request("birch", 100, ago=timedelta(hours=2))
    before = view(first, second).chart
    after = view(first, second, request("birch", 900)).chart

    assert before is not None and after is not None
    assert before.series == after.series


def test_chats_come_dearest_first_and_unpriced_last() -> None:
    """The table answers which chat cost most."""
    shown = view(
        request(micros=5, chat="a", title="A"),
        request(micros=None, chat="b", title="B"),
        request(micros=0, chat="c", title="C"),
        request(micros=9, chat="d", title="D"),
    )

    assert [row.title for row in shown.chats] == ["D", "A", "C", "B"]


def test_a_server_clock_ahead_of_ours_loses_no_request() -> None:
    """The newest answer may be from our future."""
    shown = view(request(ago=timedelta(minutes=-7)))

    assert shown.chart is not None
    assert shown.chart.columns[-1].requests == 1


def test_nothing_yet_is_an_empty_view() -> None:
    """No chart without a request, and a sentence that says why."""
    shown = view(chats=2)

    assert (shown.phase, shown.chart) == ("ready", None)
    assert cost_plain(shown).startswith("No cost yet")
    assert cost_markdown(shown).startswith("No cost yet")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert all(not name.startswith("on") for name, _ in attrs)


def test_static_twins_hold_titles_as_text() -> None:
    """A title is written by a model, and so may be anything."""
    evil = "<img src=x onerror=alert(1)>|`$x$`\x1b]8;;http://e\x07[l](http://e)"
    shown = view(request(title=evil), request("<script>", 5))
    tags = _Tags()

    tags.feed(cost_html(shown))

    assert tags.tags <= {
        *("div", "p", "b", "img", "table", "thead", "tbody", "tr", "th", "td")
    }
    markdown = cost_markdown(shown)
    assert not re.search(r"(?<!\\)<", markdown)
    assert "\x1b" not in markdown + cost_plain(shown) + cost_html(shown)
    rows = [line for line in markdown.split("\n") if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {8}


def test_static_twins_stay_small() -> None:
    """One notebook may hold many of them."""
    made = [
        request(f"m{n % 7}", n, ago=timedelta(hours=9 * n), chat=f"c{n % 40}")
        for n in range(1, 400)
    ]

    shown = view(*made, chats=40)

    assert len(cost_html(shown)) < 130_000
    assert len(cost_plain(shown).split("\n")) == 14


def test_the_summary_says_what_the_sum_leaves_out() -> None:
    """An estimate that hides its gaps is a lie."""
    text = cost_summary(view(request(), request("cedar", None)))

    assert "estimate" in text
    assert "1 unpriced and not part of the sum" in text


def test_a_view_that_is_not_ready_says_so_in_every_twin() -> None:
    """A notebook saved too early, or without a server."""
    failed = CostView(phase="failed", problem="No\nanswer.")

    assert cost_plain(failed) == "Costs could not be read: No answer."
    assert (
        cost_html(failed)
        == "<div><p><b>Costs could not be read: No answer.</b></p></div>"
    )
    assert cost_plain(CostView()) == "Costs are being read."


def test_one_chat_more_than_fit_is_one_more_chat() -> None:
    """And what has no price at all is said in the first word."""
    made = [request("cedar", None, chat=f"c{n}", title=f"T{n}") for n in range(11)]

    text = cost_plain(view(*made, chats=11))

    assert text.startswith("Unpriced; 11 requests")
    assert "\n1 more chat " in text
    assert "$" not in text
