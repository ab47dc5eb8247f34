"""Money is exact, rounded up once, and unpriced is not zero."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.wire.cost import CostSummary, Prices, price_micros
from coderchat_jupyter.wire.messages import Usage

LIST = Prices(
    input_price_per_million_tokens=Decimal(3),
    output_price_per_million_tokens=Decimal(15),
    cache_read_price_per_million_tokens=Decimal("0.3"),
    cache_write_price_per_million_tokens=Decimal("3.75"),
)


@pytest.mark.parametrize(
    ("usage", "micros"),
    [
        (Usage(input_tokens=1000, output_tokens=500), 10_500),
        (
            Usage(
                input_tokens=400,
                cache_read_tokens=600,
                output_tokens=500,
                reasoning_tokens=100,
            ),
            8_880,
        ),
        (
            Usage(
                input_tokens=400,
                cache_read_tokens=600,
                cache_creation_tokens=200,
                output_tokens=500,
            ),
            9_630,
        ),
    ],
    ids=["plain", "cached, with reasoning", "cache written"],
)
def test_the_recorded_prices_come_out(usage: Usage, micros: int) -> None:
    """These amounts were seen on a real deployment."""
    assert price_micros(usage, LIST) == micros


@pytest.mark.parametrize(
    ("usage", "prices"),
    [
        (None, LIST),
        (Usage(input_tokens=5), None),
        (Usage(input_tokens=5), Prices()),
        (Usage(), LIST),
        (Usage(input_tokens=0, output_tokens=0), LIST),
        (Usage(output_tokens=5), Prices(input_price_per_million_tokens=Decimal(3))),
    ],
    ids=["no usage", "no prices", "all unset", "empty", "zero tokens", "no overlap"],
)
def test_what_cannot_be_priced_is_none(
    usage: Usage | None, prices: Prices | None
) -> None:
    """An unknown amount shown as $0.00 would be a lie."""
    assert price_micros(usage, prices) is None


def test_a_free_model_costs_zero() -> None:
    """Zero is a price."""
    free = Prices(input_price_per_million_tokens=Decimal(0))

    assert price_micros(Usage(input_tokens=5), free) == 0


def test_the_sum_is_rounded_up_once() -> None:
    """Three times 0.3 micros is one micro, not three."""
    prices = Prices(
        input_price_per_million_tokens=Decimal("0.3"),
        output_price_per_million_tokens=Decimal("0.3"),
        cache_read_price_per_million_tokens=Decimal("0.3"),
    )
    usage = Usage(input_tokens=1, output_tokens=1, cache_read_tokens=1)

    assert price_micros(usage, prices) == 1


tokens = st.none() | st.integers(min_value=0, max_value=10**9)
price = st.none() | st.decimals(min_value=0, max_value=10**4, places=6)


@given(tokens, tokens, price, price)
def test_a_price_is_never_below_the_exact_sum_nor_a_micro_above(
    read: int | None, written: int | None, p_in: Decimal | None, p_out: Decimal | None
) -> None:
    """No float ever touches an amount."""
    usage = Usage(input_tokens=read, output_tokens=written)
    prices = Prices(
        input_price_per_million_tokens=p_in, output_price_per_million_tokens=p_out
    )
    exact = (read or 0) * (p_in or Decimal(0)) + (written or 0) * (p_out or Decimal(0))

    micros = price_micros(usage, prices)

    assert micros is None or exact <= micros < exact + 1
    assert micros is not None or exact == 0


@pytest.mark.parametrize(
    "name", ["unpriced_message_count", "unpriced_messages_having_usage_count"]
)
def test_unpriced_messages_are_counted_under_either_name(name: str) -> None:
    """v2.36 renamed the field; reading the old one alone would say none."""
    start, end = "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"

    summary = CostSummary.model_validate(
        {"start_date": start, "end_date": end, name: 3}
    )

    assert summary.unpriced_count == 3
