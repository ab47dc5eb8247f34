"""What a step costs, as it is stored beside its message."""

from __future__ import annotations

from coderchat_jupyter.server.providers._protocol import StepUsage
from coderchat_jupyter.wire.cost import Prices, price_micros
from coderchat_jupyter.wire.messages import Usage

__all__ = ["cost_micros", "stored_cost", "stored_usage"]


def cost_micros(usage: StepUsage | None, prices: Prices | None) -> int | None:
    """Price one step; 0 is free, None is unpriced."""
    if usage is None:
        return None
    counted = Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_creation_tokens=usage.cache_creation_tokens,
    )
    return price_micros(counted, prices)


def stored_cost(usage: StepUsage | None, prices: Prices | None) -> int | None:
    """The cost to store: the real server keeps no zero, and sums it as unpriced."""
    return cost_micros(usage, prices) or None


def stored_usage(usage: StepUsage | None, context_limit: int) -> Usage:
    """The counts to store; the vendor knows the limit better than the settings."""
    if usage is None:
        return Usage(context_limit=context_limit)
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        cache_creation_tokens=usage.cache_creation_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        context_limit=usage.context_limit or context_limit,
    )
