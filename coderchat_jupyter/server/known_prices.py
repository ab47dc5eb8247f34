"""Prices of well-known models, from the public list that genai-prices brings along.

No network: the list is that of the installed version. Heavy to import, so only on use.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig

__all__ = ["known_prices", "priced"]

_VENDORS: Final = {
    "anthropic": "anthropic",
    "azure": "azure",
    "bedrock": "aws",
    "google": "google",
    "openai": "openai",
    "openrouter": "openrouter",
}
"""Type of provider → its name in the list."""

_MAKERS: Final = {
    "anthropic": "anthropic",
    "deepseek": "deepseek",
    "google": "google",
    "mistral": "mistral",
    "moonshotai": "moonshotai",
    "openai": "openai",
    "xai": "x-ai",
    "zai": "zai",
}
"""Maker in the names of models at Vercel, which bills what the makers bill."""

_FREE: Final = ":free"
"""Ends the names of OpenRouter's models that cost nothing."""

_FIELDS: Final = {
    "input_price_per_million_tokens": "input_mtok",
    "output_price_per_million_tokens": "output_mtok",
    "cache_read_price_per_million_tokens": "cache_read_mtok",
    "cache_write_price_per_million_tokens": "cache_write_mtok",
}


def known_prices(provider_type: str, base_url: str, model: str) -> Prices | None:
    """Look the prices of a model up.

    Args:
        provider_type: Of the provider.
        base_url: Its address: it tells the vendor of an OpenAI-compatible one.
        model: As that provider names it, also with a date, a region or a maker.

    Returns:
        The prices of today for prompts of usual length, or None if they are not
        known: a model of one's own, or behind a private address. Zero is free.
    """
    if provider_type == "openrouter" and model.endswith(_FREE):
        free = Decimal(0)
        return Prices(
            input_price_per_million_tokens=free, output_price_per_million_tokens=free
        )
    vendor, name = _place(provider_type, base_url, model)
    if vendor is None:
        return None
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, found = get_snapshot().find_provider_model(name, None, vendor, None)
    except LookupError:
        return None
    listed = found.get_prices(datetime.now(UTC))
    prices = {
        field: price
        for field, of_list in _FIELDS.items()
        if (price := _base(getattr(listed, of_list, None))) is not None
    }
    return Prices(**prices) if prices else None


def priced(
    config: CallConfig | None, provider_type: str, base_url: str, model: str
) -> CallConfig | None:
    """The settings of a new model with its prices, if nobody said any.

    Prices that are given, even none of them, are left alone.
    """
    if config is not None and config.cost is not None:
        return config
    prices = known_prices(provider_type, base_url, model)
    if prices is None:
        return config
    return (config or CallConfig()).model_copy(update={"cost": prices})


def _place(provider_type: str, base_url: str, model: str) -> tuple[str | None, str]:
    """In whose list to look, and for which name."""
    if provider_type == "vercel":
        maker, _, name = model.partition("/")
        return _MAKERS.get(maker), name
    if provider_type == "google":
        model = model.removeprefix("models/")
    if provider_type == "openai-compat":
        return _vendor_at(base_url), model
    return _VENDORS.get(provider_type), model


def _vendor_at(base_url: str) -> str | None:
    from genai_prices.data_snapshot import get_snapshot

    try:
        found = get_snapshot().find_provider(None, None, base_url)
    except LookupError:
        return None
    return str(found.id)


def _base(price: Any) -> Decimal | None:
    """The price of a prompt of usual length, where long ones cost more."""
    found: Decimal | None = getattr(price, "base", price)
    return found
