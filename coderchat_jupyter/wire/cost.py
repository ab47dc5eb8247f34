"""Money: the price of one model call, and what the server sums up.

Amounts are micros: millionths of a US dollar. Prices are US dollars per million
tokens, so tokens times price is an amount in micros.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Annotated, TypeAlias

from coderchat_jupyter.wire._base import OMIT, WireModel, form
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire._values import Items, Moment, Money
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId, UserId
from coderchat_jupyter.wire.messages import Usage

__all__ = [
    "ChatCost",
    "ChatTotal",
    "CostByUser",
    "CostSummary",
    "ModelCost",
    "Prices",
    "UsageLimitStatus",
    "UsagePeriod",
    "UserCost",
    "price_micros",
]


class Prices(WireModel):
    """What a model costs (upstream `ModelCostConfig`); None is not known, 0 is free."""

    input_price_per_million_tokens: Annotated[
        Money | None,
        OMIT,
        form(
            "Input token price in USD per 1M tokens",
            title="Input",
            unit="$ / 1M",
            minimum=0,
        ),
    ] = None
    output_price_per_million_tokens: Annotated[
        Money | None,
        OMIT,
        form(
            "Output token price in USD per 1M tokens",
            title="Output",
            unit="$ / 1M",
            minimum=0,
        ),
    ] = None
    cache_read_price_per_million_tokens: Annotated[
        Money | None,
        OMIT,
        form(
            "Cache read token price in USD per 1M tokens",
            title="Cache read",
            unit="$ / 1M",
            minimum=0,
        ),
    ] = None
    cache_write_price_per_million_tokens: Annotated[
        Money | None,
        OMIT,
        form(
            "Cache write or cache creation token price in USD per 1M tokens",
            title="Cache write",
            unit="$ / 1M",
            minimum=0,
        ),
    ] = None


def price_micros(usage: Usage | None, prices: Prices | None) -> int | None:
    """Price one model call, exactly, rounded up once to a whole micro.

    Reasoning tokens are part of the output and not charged again. A kind of token
    without a price adds nothing.

    Returns:
        Micros; 0 when the prices say so; None when the call is unpriced: no usage,
        no prices, or no kind of token that has both.
    """
    if usage is None or prices is None:
        return None
    terms = [
        tokens * price
        for tokens, price in (
            (usage.input_tokens, prices.input_price_per_million_tokens),
            (usage.output_tokens, prices.output_price_per_million_tokens),
            (usage.cache_read_tokens, prices.cache_read_price_per_million_tokens),
            (usage.cache_creation_tokens, prices.cache_write_price_per_million_tokens),
        )
        if tokens and price is not None
    ]
    if not terms:
        return None
    return int(sum(terms, Decimal(0)).to_integral_value(rounding=ROUND_CEILING))


class _Totals(WireModel):
    total_cost_micros: int = 0
    message_count: int = 0
    total_input_tokens: int = 0
    total_output_tokens: int = 0
    total_cache_read_tokens: int = 0
    total_cache_creation_tokens: int = 0
    total_runtime_ms: int = 0


class ModelCost(_Totals):
    """What one model cost."""

    model_config_id: ModelConfigId
    display_name: str = ""
    provider: str = ""
    model: str = ""


class ChatCost(_Totals):
    """What one chat and its children cost."""

    root_chat_id: ChatId
    chat_title: str = ""


UsagePeriod: TypeAlias = Annotated[str, Words("day", "week", "month")]
"""When a budget begins anew, in UTC: midnight, Monday, or the first of the month."""


class UsageLimitStatus(WireModel):
    """How much of the budget is spent. Times are Go's zero time when unset."""

    is_limited: bool = False
    period: Annotated[UsagePeriod, OMIT] = ""
    spend_limit_micros: Annotated[int | None, OMIT] = None
    current_spend: int = 0
    period_start: Moment = ZERO_TIME
    period_end: Moment = ZERO_TIME


class CostSummary(WireModel):
    """What a user's chats cost in `[start_date, end_date)`."""

    start_date: Moment
    end_date: Moment
    total_cost_micros: int = 0
    priced_message_count: int = 0
    unpriced_message_count: int = 0
    unpriced_messages_having_usage_count: Annotated[int | None, OMIT] = None
    """The same under its name of v2.36; see `unpriced_count`."""
    total_input_tokens: int = 0
    total_output_tokens: int = 0
    total_cache_read_tokens: int = 0
    total_cache_creation_tokens: int = 0
    total_runtime_ms: int = 0
    by_model: Items[ModelCost] = ()
    by_chat: Items[ChatCost] = ()
    usage_limit: Annotated[UsageLimitStatus | None, OMIT] = None

    @property
    def unpriced_count(self) -> int:
        """Messages with usage and no price, whatever the server calls them."""
        renamed = self.unpriced_messages_having_usage_count
        return self.unpriced_message_count if renamed is None else renamed


class UserCost(_Totals):
    """What all chats of one user cost (upstream `ChatCostUserRollup`)."""

    user_id: UserId
    username: str = ""
    name: str = ""
    avatar_url: str = ""
    chat_count: int = 0


class CostByUser(WireModel):
    """One page of users in `[start_date, end_date)`, the dearest first.

    `count` is the number of users on all pages.
    """

    start_date: Moment
    end_date: Moment
    count: int = 0
    users: Items[UserCost] = ()


class ChatTotal(WireModel):
    """What one chat cost, as servers after v2.36 count it: by request."""

    chat_id: ChatId
    total_cost_micros: int = 0
    request_count: int = 0
    unpriced_request_count: int = 0
