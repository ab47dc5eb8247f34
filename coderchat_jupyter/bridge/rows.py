"""Stored messages as rows: a prompt, then all that answers it as one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from coderchat_jupyter.bridge.blocks import settle, stored_blocks
from coderchat_jupyter.bridge.view import Footer, Row
from coderchat_jupyter.state.history import is_prompt
from coderchat_jupyter.state.pricing import model_name
from coderchat_jupyter.wire.cost import price_micros
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.messages import Message, Usage
from coderchat_jupyter.wire.models import ModelConfig

__all__ = ["Configs", "Turn", "answer_row", "prompt_row", "turns"]

Configs = Mapping[ModelConfigId, ModelConfig]


@dataclass(frozen=True, slots=True)
class Turn:
    """A user message and the messages up to the next one.

    Attributes:
        prompt: None for what stands before the first user message.
        answers: Messages of the assistant and of tools.
    """

    prompt: Message | None
    answers: tuple[Message, ...]

    @property
    def key(self) -> int:
        """The id that names the turn; 0 before the first user message."""
        return self.prompt.id if self.prompt is not None else 0


def turns(messages: Sequence[Message]) -> Iterator[Turn]:
    """Group messages into turns, in order.

    What the system and the workspace told the model is not shown.
    """
    prompt: Message | None = None
    answers: list[Message] = []
    for message in messages:
        if is_prompt(message):
            if prompt is not None or answers:
                yield Turn(prompt, tuple(answers))
            prompt, answers = message, []
        elif message.role in ("assistant", "tool"):
            answers.append(message)
    if prompt is not None or answers:
        yield Turn(prompt, tuple(answers))


def prompt_row(message: Message) -> Row:
    """The row of a prompt."""
    return Row(
        key=f"u{message.id}",
        role="user",
        at=message.created_at.timestamp(),
        blocks=stored_blocks([message]),
    )


def answer_row(turn: Turn, configs: Configs, *, is_over: bool) -> Row:
    """The row of an answer, as far as it is stored."""
    blocks = stored_blocks(turn.answers)
    is_stopped = is_over and _was_stopped(turn.answers)
    first = turn.answers[0] if turn.answers else turn.prompt
    return Row(
        key=f"a{turn.key}",
        role="assistant",
        at=first.created_at.timestamp() if first is not None else None,
        blocks=settle(blocks, "stopped") if is_over else blocks,
        is_live=not is_over,
        is_stopped=is_stopped,
        footer=_footer(turn, configs) if is_over else None,
    )


def _was_stopped(answers: Sequence[Message]) -> bool:
    """A step that was cut short is stored without usage; all others have one."""
    last = next((m for m in reversed(answers) if m.role == "assistant"), None)
    return last is not None and last.usage is None and bool(last.content)


def _footer(turn: Turn, configs: Configs) -> Footer | None:
    steps = [m for m in turn.answers if m.role == "assistant"]
    if not steps:
        return None
    usages = [m.usage for m in steps if m.usage is not None]
    prices = [_price(m, configs) for m in steps if m.usage is not None]
    config = _config(steps[-1], configs)
    began = turn.prompt.created_at if turn.prompt is not None else None
    seconds = (steps[-1].created_at - began).total_seconds() if began else None
    return Footer(
        model=model_name(config) if config is not None else "",
        input_tokens=_total(usages, "input_tokens"),
        output_tokens=_total(usages, "output_tokens"),
        cached_tokens=_total(usages, "cache_read_tokens"),
        cost_micros=_sum(prices),
        is_priced=bool(prices) and None not in prices,
        seconds=None if seconds is None else max(0.0, round(seconds, 1)),
    )


def _config(message: Message, configs: Configs) -> ModelConfig | None:
    model_id = message.model_config_id
    return configs.get(model_id) if model_id is not None else None


def _price(message: Message, configs: Configs) -> int | None:
    config = _config(message, configs)
    call = config.call_config if config is not None else None
    return price_micros(message.usage, call.cost if call is not None else None)


def _sum(prices: Sequence[int | None]) -> int | None:
    priced = [price for price in prices if price is not None]
    return sum(priced) if priced else None


def _total(usages: Sequence[Usage], field: str) -> int | None:
    counts = [count for u in usages if (count := getattr(u, field)) is not None]
    return sum(counts) if counts else None
