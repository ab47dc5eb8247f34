"""Prices of before April 2026, which stood beside the settings of a model.

They are read into `cost`, where one stored there wins. An unchanged config is written
as it was read; one whose prices were changed has them in `cost` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import PrivateAttr, TypeAdapter, ValidationError

from coderchat_jupyter.wire._lenient import read_leniently
from coderchat_jupyter.wire._values import Money
from coderchat_jupyter.wire.cost import Prices

__all__ = ["FoldedPrices", "fold", "unfold"]

_NAMES: Final = tuple(Prices.model_fields)
_MONEY: Final[TypeAdapter[Any]] = TypeAdapter(Money | None)


class FoldedPrices(Prices):
    """Prices of which some stood beside the settings."""

    _beside: dict[str, Any] = PrivateAttr(default_factory=dict)
    _nested: dict[str, Any] = PrivateAttr(default_factory=dict)
    _as_read: dict[str, Any] = PrivateAttr(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Where prices stood makes no difference to what they are."""
        return isinstance(other, Prices) and dict(self) == dict(other)

    __hash__ = Prices.__hash__


def fold(config: Any) -> Any:
    """Move the prices beside the settings of an encoded config into its `cost`.

    What is no price stays where it is.
    """
    if not isinstance(config, Mapping):
        return config
    beside = {n: config[n] for n in _NAMES if n in config and _is_price(config[n])}
    nested = config.get("cost")
    if not beside or not isinstance(nested, Mapping | None):
        return config
    rest = {name: item for name, item in config.items() if name not in beside}
    inner = dict(nested or {})
    # A null is no price: the one beside the settings counts, as for Go's client.
    outer = {name: item for name, item in beside.items() if inner.get(name) is None}
    prices = read_leniently(FoldedPrices, {**inner, **outer})
    prices._beside = beside
    prices._nested = {"cost": nested} if "cost" in config else {}
    prices._as_read = dict(prices)
    return {**rest, "cost": prices}


def unfold(config: dict[str, Any], cost: Prices | None) -> dict[str, Any]:
    """Put prices that nobody changed back to where they were read.

    Args:
        config: The encoded config.
        cost: The prices in it, as read or as changed since.
    """
    if not isinstance(cost, FoldedPrices) or cost._as_read != dict(cost):
        return config
    rest = {name: item for name, item in config.items() if name != "cost"}
    return {**rest, **cost._beside, **cost._nested}


def _is_price(value: Any) -> bool:
    try:
        _MONEY.validate_python(value)
    except ValidationError:
        return False
    return True
