"""Prices beside the settings: read into `cost`, written back where they stood."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig, ModelConfig

IN = "input_price_per_million_tokens"
OUT = "output_price_per_million_tokens"


def read(document: dict[str, Any]) -> CallConfig:
    return CallConfig.model_validate_json(json.dumps(document))


@pytest.mark.parametrize(
    ("document", "prices"),
    [
        ({IN: "1.5", OUT: 2}, {IN: "1.5", OUT: "2"}),
        ({IN: "1.50", "cost": {OUT: "4"}}, {IN: "1.5", OUT: "4"}),
        ({IN: "1", "cost": {IN: "9"}}, {IN: "9"}),
        ({IN: "1", "cost": None}, {IN: "1"}),
        ({IN: "1", "cost": {IN: None, OUT: "4"}}, {IN: "1", OUT: "4"}),
        ({IN: None}, {}),
        ({IN: "1", "cost": {}, "zz": 1}, {IN: "1"}),
    ],
)
def test_older_prices_are_read_into_cost(
    document: dict[str, Any], prices: dict[str, str]
) -> None:
    """What is stored in `cost` wins; an unchanged config is written as it was."""
    config = read({"temperature": 0.5, **document})

    assert config.cost == Prices.model_validate(prices)
    assert encode(config, only_set=True) == {"temperature": 0.5, **document}


def test_a_config_that_was_edited_keeps_its_older_prices() -> None:
    """The price was not what the edit was about."""
    document = {IN: "1.5", "top_k": 3, "zz_newer": {"a": None}}

    edited = read(document).model_copy(update={"top_k": 4})

    assert encode(edited, only_set=True) == {**document, "top_k": 4}
    assert encode(edited) == {
        "top_k": 4,
        "cost": {IN: "1.5"},
        "zz_newer": {"a": None},
    }


def test_a_changed_price_is_written_in_cost_alone() -> None:
    """Two prices for the same thing would contradict each other."""
    config = read({IN: "1.5", OUT: "2"})
    assert config.cost is not None
    changed = config.cost.model_copy(update={IN: Decimal(3)})

    edited = config.model_copy(update={"cost": changed})

    assert encode(edited, only_set=True) == {"cost": {IN: "3", OUT: "2"}}


def test_a_price_that_is_none_stays_where_it_is() -> None:
    """One odd model is no reason to lose the list of them."""
    document = {
        "id": "m",
        "model_config": {IN: "cheap", OUT: "2"},
    }

    config = TypeAdapter(ModelConfig).validate_json(json.dumps(document))

    assert config.call_config is not None
    assert config.call_config.cost == Prices.model_validate({OUT: "2"})
    assert encode(config, only_set=True) == document
