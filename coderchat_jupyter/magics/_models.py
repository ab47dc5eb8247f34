"""Finds the model that a user named, and what its answer cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coderchat_jupyter.errors import ConfigurationError
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.pricing import model_name, priced_requests, sum_micros
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.models import ModelConfig

__all__ = ["Bill", "bill", "find_model"]

_LISTED = 12
"""Names in an error message; a deployment may have hundreds."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Who answered a turn and for how much; None is unpriced, 0 is free."""

    model: str
    micros: int | None


def find_model(configs: Sequence[ModelConfig], wanted: str) -> ModelConfigId:
    """The one enabled model that goes by a name, an id, or what its provider calls it.

    Raises:
        ConfigurationError: There is none, or more than one.
    """
    usable = [config for config in configs if config.enabled]
    key = wanted.casefold()
    found = [c for c in usable if key in _names(c)]
    if len(found) == 1:
        return found[0].id
    if found:
        ids = ", ".join(f"{model_name(c)} ({c.id})" for c in found)
        raise ConfigurationError(
            f"{wanted!r} is the name of {len(found)} models. Use an id: {ids}."
        )
    if not usable:
        raise ConfigurationError(
            f"There is no model {wanted!r}: this server has no model set up. "
            "ModelConfigEditor() adds one."
        )
    names = [model_name(c) for c in usable]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    raise ConfigurationError(
        f"There is no model {wanted!r} here. There is: "
        f"{', '.join(names[:_LISTED])}{more}."
    )


def bill(state: ChatState, turn: int, configs: Sequence[ModelConfig]) -> Bill:
    """Name the model of a turn and estimate its cost at today's prices."""
    mine = _answers(state, turn)
    by_id = {config.id: config for config in configs}
    ids = [m.model_config_id for m in mine if m.model_config_id is not None]
    # Looked up and not assumed: a config may be gone while its messages are there.
    config = by_id.get(ids[-1]) if ids else None
    name = model_name(config) if config else ""
    if state.chat is None:
        return Bill(name, None)
    return Bill(name, sum_micros(priced_requests(state.chat, mine, by_id)))


def _answers(state: ChatState, turn: int) -> list[Message]:
    later = [m for m in state.messages if m.id >= turn]
    end = next((m.id for m in later if m.role == "user" and m.id > turn), None)
    return [m for m in later if m.role == "assistant" and (end is None or m.id < end)]


def _names(config: ModelConfig) -> set[str]:
    names = {
        config.id,
        config.display_name,
        config.model,
        f"{config.provider}:{config.model}",
    }
    return {name.casefold() for name in names if name}
