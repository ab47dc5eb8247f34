"""Answers priced from messages and model configs, as they come over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coderchat_jupyter.state.pricing import (
    REMOVED_MODEL,
    priced_requests,
    sum_micros,
)
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.models import ModelConfig

AT = "2026-11-21T10:00:00Z"
CHAT = Chat.model_validate_json(
    json.dumps({"id": "c", "title": "Fit", "created_at": AT, "updated_at": AT})
)
PRICES = {
    "input_price_per_million_tokens": "3",
    "output_price_per_million_tokens": "15",
    "cache_read_price_per_million_tokens": "0.3",
    "cache_write_price_per_million_tokens": "3.75",
}


def message(message_id: int, usage: dict[str, int] | None, **fields: Any) -> Message:
    body = {"id": message_id, "chat_id": "c", "created_at": AT, "role": "assistant"}
    body |= {"model_config_id": "m"} | fields
    if usage is not None:
        body["usage"] = usage
    return Message.model_validate_json(json.dumps(body))


def config(cost: dict[str, str] | None) -> ModelConfig:
    body: dict[str, Any] = {"id": "m", "provider": "openai", "model": "gpt"}
    if cost is not None:
        body["model_config"] = {"cost": cost}
    return ModelConfig.model_validate_json(json.dumps(body))


def micros(usage: dict[str, int], cost: dict[str, str] | None) -> int | None:
    made = config(cost)
    (request,) = priced_requests(CHAT, [message(1, usage)], {made.id: made})
    return request.micros


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"input_tokens": 1000, "output_tokens": 500}, 10_500),
        (
            {
                "input_tokens": 400,
                "cache_read_tokens": 600,
                "output_tokens": 500,
                "reasoning_tokens": 100,
            },
            8_880,
        ),
        (
            {
                "input_tokens": 400,
                "cache_read_tokens": 600,
                "cache_creation_tokens": 200,
                "output_tokens": 500,
            },
            9_630,
        ),
    ],
)
def test_an_answer_costs_what_the_server_recorded(
    usage: dict[str, int], expected: int
) -> None:
    """The three amounts that a v2.34 server stored for these tokens."""
    assert micros(usage, PRICES) == expected


def test_free_and_unpriced_are_different() -> None:
    """0 says free, None says that nobody knows."""
    usage = {"input_tokens": 10, "output_tokens": 10}
    free = dict.fromkeys(PRICES, "0")

    assert (micros(usage, free), micros(usage, None)) == (0, None)


def test_only_answers_with_usage_count() -> None:
    """Prompts, tool results and stopped answers made no bill."""
    made = config(PRICES)
    messages = [
        message(1, None, role="user"),
        message(2, {"input_tokens": 5}),
        message(3, None),
        message(4, {"context_limit": 8192}),
        message(5, {"input_tokens": 5}, role="tool"),
    ]

    found = priced_requests(CHAT, messages, {made.id: made})

    assert [request.message_id for request in found] == [2]


def test_a_model_whose_config_is_gone_has_no_price() -> None:
    """Its prices went with it; inventing some would be worse."""
    (request,) = priced_requests(CHAT, [message(1, {"input_tokens": 5})], {})

    assert (request.model, request.micros) == (REMOVED_MODEL, None)


def test_a_sum_leaves_out_what_has_no_price() -> None:
    """And is None, not 0, when nothing has one."""
    made = config(PRICES)
    known = priced_requests(CHAT, [message(1, {"input_tokens": 7})], {made.id: made})
    unknown = priced_requests(CHAT, [message(2, {"input_tokens": 7})], {})

    assert sum_micros(known + unknown) == 21
    assert sum_micros(unknown) is None
    assert sum_micros(()) is None
