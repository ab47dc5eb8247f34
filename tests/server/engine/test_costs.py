"""What a step costs, with the numbers of the record."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coderchat_jupyter.server.engine.costs import cost_micros, stored_cost
from coderchat_jupyter.server.providers._protocol import StepUsage
from coderchat_jupyter.wire.cost import Prices

PRICES = Prices(
    input_price_per_million_tokens=Decimal(3),
    output_price_per_million_tokens=Decimal(15),
    cache_read_price_per_million_tokens=Decimal("0.3"),
    cache_write_price_per_million_tokens=Decimal("3.75"),
)
FREE = Prices(
    input_price_per_million_tokens=Decimal(0),
    output_price_per_million_tokens=Decimal(0),
)


@pytest.mark.parametrize(
    ("usage", "micros"),
    [
        (StepUsage(input_tokens=1000, output_tokens=500), 10_500),
        (
            StepUsage(
                input_tokens=400,
                output_tokens=500,
                reasoning_tokens=100,
                cache_read_tokens=600,
            ),
            8_880,
        ),
        (
            StepUsage(
                input_tokens=400,
                output_tokens=500,
                cache_read_tokens=600,
                cache_creation_tokens=200,
            ),
            9_630,
        ),
        (StepUsage(cache_read_tokens=1), 1),
        (None, None),
        (StepUsage(), None),
    ],
)
def test_a_step_costs_what_the_record_says(
    usage: StepUsage | None, micros: int | None
) -> None:
    """Reasoning is inside the output; there is one rounding, upwards."""
    assert cost_micros(usage, PRICES) == micros


def test_free_and_unpriced_are_different_but_stored_the_same() -> None:
    """The real server stores no zero."""
    usage = StepUsage(input_tokens=10)

    assert cost_micros(usage, FREE) == 0
    assert cost_micros(usage, None) is None
    assert stored_cost(usage, FREE) is None
    assert stored_cost(usage, PRICES) == 30
