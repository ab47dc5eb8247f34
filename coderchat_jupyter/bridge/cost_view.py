"""What the page is shown of costs: whole numbers, one view, no opinions on pixels."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from coderchat_jupyter.bridge._base import BridgeModel

__all__ = [
    "COST_INTENT",
    "ChatRow",
    "CostChart",
    "CostColumn",
    "CostIntent",
    "CostSeries",
    "CostTotals",
    "CostView",
    "RefreshCosts",
    "UseZone",
]


class CostSeries(BridgeModel):
    """One model in the stack. `slot` 1 to 5 is its colour; 6 is all others together."""

    name: str
    slot: int


class CostColumn(BridgeModel):
    """One column of the chart.

    `micros` has one entry per series: None without a priced request, 0 for free ones.
    `unpriced` counts requests that have no price; they are in no sum.
    """

    label: str
    tick: str
    micros: tuple[int | None, ...]
    unpriced: int
    requests: int


class CostChart(BridgeModel):
    """Cost over time, stacked by model in the order of `series`."""

    unit: str
    zone: str
    series: tuple[CostSeries, ...]
    columns: tuple[CostColumn, ...]


class ChatRow(BridgeModel):
    """One chat in the table; `micros` is None when nothing in it has a price."""

    chat_id: str
    title: str
    models: tuple[str, ...]
    requests: int
    unpriced: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    micros: int | None


class CostTotals(BridgeModel):
    """Sums over every request; `micros` leaves the unpriced ones out."""

    micros: int | None
    requests: int
    unpriced: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    chats: int


class CostView(BridgeModel):
    """The whole of what a CostExplorer shows.

    `server_micros` is what the server itself counted for the same chats, and None where
    it does not say; `unpriced_models` names the models that a price could be set for.
    """

    phase: Literal["loading", "ready", "failed"] = "loading"
    notice: str = ""
    """What is waited for, while there is nothing to show."""
    problem: str | None = None
    refreshing: bool = False
    read_at: str | None = None
    since: str | None = None
    totals: CostTotals | None = None
    chart: CostChart | None = None
    chats: tuple[ChatRow, ...] = ()
    unpriced_models: tuple[str, ...] = ()
    server_micros: int | None = None


class RefreshCosts(BridgeModel):
    """Read the chats, their messages and the prices again."""

    op: Literal["refresh_costs"] = "refresh_costs"


class UseZone(BridgeModel):
    """Begin days and hours where this zone does: the reader's, not the kernel's."""

    op: Literal["use_zone"] = "use_zone"
    zone: str


CostIntent: TypeAlias = Annotated[RefreshCosts | UseZone, Field(discriminator="op")]

COST_INTENT: Final[TypeAdapter[CostIntent]] = TypeAdapter(CostIntent)
