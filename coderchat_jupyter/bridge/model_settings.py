"""What a model config holds, as text for its form, and changed by what comes back.

A setting that nobody touched is sent back as the server wrote it: unknown keys, nulls,
options of other providers and the spelling of prices included.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from coderchat_jupyter.bridge.form_values import Parsed, parse, text_of
from coderchat_jupyter.bridge.model_form import CALL, COST, MODEL_FIELDS
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._lenient import read_leniently
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig, ModelConfig

__all__ = [
    "call_config",
    "free_of_charge",
    "kept_settings",
    "model_values",
    "parse_model",
]

_SETTINGS: Final = {
    field.path: field for field in MODEL_FIELDS if field.path.startswith((CALL, COST))
}
"""Fields of a `CallConfig`; the others are of the model config around it."""


def parse_model(values: Mapping[str, str], before: ModelConfig | None = None) -> Parsed:
    """Read the form of a model: all of it, or what differs from what it was before."""
    texts = None if before is None else model_values(before)
    read = parse(MODEL_FIELDS, values, before=texts)
    for path, value in read.values.items():
        if path in _SETTINGS and value is not None:
            wrong = _misfit(path, value)
            if wrong:
                read.errors[path] = wrong
    return read


def model_values(config: ModelConfig) -> dict[str, str]:
    """A model config as its form shows it, options as far as they are set."""
    call = config.call_config or CallConfig()
    settings = {path: _text_at(call, path) for path in _SETTINGS}
    return {
        "display_name": config.display_name,
        "ai_provider_id": config.ai_provider_id or config.provider,
        "model": config.model,
        "context_limit": text_of(config.context_limit or None),
        "enabled": text_of(config.enabled),
        "compression_threshold": text_of(config.compression_threshold),
        **{p: text for p, text in settings.items() if text or not _SETTINGS[p].family},
    }


def call_config(before: CallConfig | None, changes: Mapping[str, Any]) -> CallConfig:
    """The settings with some changed, and everything else as the server has it.

    Args:
        before: As the server has them.
        changes: Typed values by path. A setting that is None is unset; paths that
            are none of the settings' are ignored.

    Raises:
        ValidationError: A value is not what the setting takes.
    """
    raw = encode(before, only_set=True) if before is not None else {}
    for path, value in changes.items():
        if path in _SETTINGS:
            _put(raw, _place(path), encode(value))
    return read_leniently(CallConfig, raw)


def free_of_charge() -> dict[str, Decimal]:
    """Values that price every kind of token at nothing, which is not unpriced."""
    return {COST + name: Decimal(0) for name in Prices.model_fields}


def kept_settings(config: ModelConfig) -> tuple[tuple[str, str], ...]:
    """Settings that no field shows and a save sends back: dotted path and JSON."""
    call = config.call_config
    if call is None:
        return ()
    shown = {".".join(_place(path)) for path in _SETTINGS if _text_at(call, path)}
    leaves = _leaves("", encode(call, only_set=True))
    return tuple(
        (path, json.dumps(value, ensure_ascii=False))
        for path, value in leaves
        if path not in shown and value not in (None, {})
    )


def _misfit(path: str, value: Any) -> str:
    """What pydantic has against a value in its place; empty when it fits."""
    raw: dict[str, Any] = {}
    _put(raw, _place(path), encode(value))
    try:
        CallConfig.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        # A type that is read in several ways says no in each: the furthest knows most.
        best = max(found, key=lambda one: len(one["loc"]))
        inside = map(str, best["loc"][len(_place(path)) :])
        where = ".".join(step for step in inside if "[" not in step)
        return f"{where}: {best['msg']}" if where else best["msg"]
    return ""


def _place(path: str) -> list[str]:
    """Where in the settings the value of a path stands."""
    if path.startswith(COST):
        return ["cost", path.removeprefix(COST)]
    return path.removeprefix(CALL).split(".")


def _text_at(call: CallConfig, path: str) -> str:
    value: Any = call
    for name in _place(path):
        value = getattr(value, name, None)
    return text_of(encode(value) if _SETTINGS[path].kind == "json" else value)


def _put(raw: dict[str, Any], place: list[str], value: Any) -> None:
    """Set a value, or take it and the groups that it leaves empty away."""
    name, *rest = place
    if not rest:
        if value is None:
            raw.pop(name, None)
        else:
            raw[name] = value
        return
    inner = raw.get(name)
    group: dict[str, Any] = inner if isinstance(inner, dict) else {}
    _put(group, rest, value)
    if group:
        raw[name] = group
    else:
        raw.pop(name, None)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, item)
    else:
        yield path, value
