"""What a lent tool is called, and what a model is told of it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from coderchat_jupyter.server.mcp.limits import Limits
from coderchat_jupyter.server.providers._protocol import ToolSpec
from coderchat_jupyter.server.storage.rows import McpServerRow

__all__ = [
    "INTENT",
    "arguments_of",
    "free_name",
    "is_allowed",
    "public_name",
    "spec_of",
]

INTENT: Final = "model_intent"
"""The argument by which a model says what a call is for, where it must."""

_MAX_NAME: Final = 64
_SEPARATOR: Final = "__"
_NOT_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9_-]")
_NOT_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_KEPT: Final = ("$defs", "definitions", "additionalProperties")
_INTENT_SCHEMA: Final[Mapping[str, object]] = {
    "type": "string",
    "description": "What this call is for, in plain words for the user who waits: a "
    "short phrase that begins with a verb in -ing, below 100 characters.",
}


def is_allowed(tool: str, row: McpServerRow) -> bool:
    """Whether a tool of a server may be used, by the name the server gives it."""
    if row.tool_allow_list:
        return tool in row.tool_allow_list
    return tool not in row.tool_deny_list


def public_name(slug: str, tool: str) -> str:
    """The name by which models call a tool: every vendor takes it."""
    name = _SEPARATOR.join(_NOT_IN_NAMES.sub("_", part) for part in (slug, tool))
    return name[:_MAX_NAME]


def free_name(name: str, taken: Collection[str]) -> str:
    """`name`, or one like it with a number, if it is taken."""
    free, number = name, 1
    while free in taken:
        number += 1
        end = f"_{number}"
        free = name[: _MAX_NAME - len(end)] + end
    return free


def spec_of(
    name: str,
    description: str,
    schema: object,
    limits: Limits,
    *,
    with_intent: bool = False,
) -> ToolSpec | None:
    """What a model is told of a tool; None if its arguments cannot be told.

    Args:
        name: As the model is to call it.
        description: As the server words it.
        schema: Of the arguments, as the server has it.
        limits: What is too much.
        with_intent: The model must say what each call is for.
    """
    parameters = _parameters(schema, limits)
    if parameters is None:
        return None
    if with_intent:
        parameters = {
            "type": "object",
            "properties": {INTENT: dict(_INTENT_SCHEMA), "properties": parameters},
            "required": [INTENT, "properties"],
        }
    said = _NOT_IN_TEXT.sub("", description)
    if len(said) > limits.description_characters:
        said = said[: limits.description_characters] + "…"
    return ToolSpec(name, said, parameters)


def arguments_of(args: Mapping[str, Any], *, with_intent: bool) -> dict[str, Any]:
    """The arguments for the server, without what was asked for beside them."""
    if not with_intent:
        return dict(args)
    inner = args.get("properties")
    if isinstance(inner, Mapping):
        return dict(inner)
    return {name: value for name, value in args.items() if name != INTENT}


def _parameters(schema: object, limits: Limits) -> dict[str, object] | None:
    if not isinstance(schema, Mapping):
        return None
    properties = schema.get("properties") or {}
    required = schema.get("required") or []
    if not isinstance(properties, Mapping) or not isinstance(required, list):
        return None
    told: dict[str, object] = {"type": "object", "properties": dict(properties)}
    if required:
        told["required"] = [str(name) for name in required]
    told |= {name: schema[name] for name in _KEPT if name in schema}
    try:
        text = json.dumps(told, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return told if len(text) <= limits.schema_characters else None
