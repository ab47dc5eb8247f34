"""TypeScript types of everything that crosses to the page, made from the models.

`python -m coderchat_jupyter.bridge.schema` writes `js/src/bridge/generated.ts`; a test
compares. Values that go down are complete; of an intent only what has no default
must be there.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from coderchat_jupyter.bridge.cost_view import CostIntent, CostView
from coderchat_jupyter.bridge.diff import ChatPatch
from coderchat_jupyter.bridge.editor_view import EditorIntent, EditorView, Outcome
from coderchat_jupyter.bridge.intents import ChatIntent
from coderchat_jupyter.bridge.messages import IntentMessage, Reply
from coderchat_jupyter.bridge.view import ChatView

__all__ = ["DOWN", "TARGET", "UP", "typescript"]

DOWN: Final[dict[str, Any]] = {
    "ChatView": ChatView,
    "ChatPatch": ChatPatch,
    "Reply": Reply,
    "EditorView": EditorView,
    "Outcome": Outcome,
    "CostView": CostView,
}
"""Views, patches and replies, by the name that the page knows them by."""

UP: Final[dict[str, Any]] = {
    "ChatIntent": ChatIntent,
    "EditorIntent": EditorIntent,
    "CostIntent": CostIntent,
    "IntentMessage": IntentMessage,
}
"""Intents, by the name that the page knows them by."""

TARGET: Final = pathlib.Path("js", "src", "bridge", "generated.ts")
"""Where the types stand in a checkout, from its root."""

_HEAD: Final = (
    "/** Made from the Python models by coderchat_jupyter.bridge.schema."
    " Do not edit. */\n"
)
_SIMPLE: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def typescript() -> str:
    """The whole module, types sorted by name."""
    types: dict[str, str] = {}
    for name, root in DOWN.items():
        types.update(_types(name, root, "serialization"))
    for name, root in UP.items():
        types.update(_types(name, root, "validation"))
    return _HEAD + "".join(types[name] for name in sorted(types))


def _types(name: str, root: Any, mode: JsonSchemaMode) -> Iterator[tuple[str, str]]:
    schema = TypeAdapter(root).json_schema(mode=mode)
    for key, definition in schema.pop("$defs", {}).items():
        yield key, _declaration(key, definition)
    if isinstance(root, type) and issubclass(root, BaseModel) and "$ref" in schema:
        return
    yield name, _declaration(name, schema)


def _declaration(name: str, schema: dict[str, Any]) -> str:
    if schema.get("type") != "object" or "properties" not in schema:
        return f"export type {name} = {_type(schema)};\n"
    required = set(schema.get("required", ()))
    lines = [f"export interface {name} {{\n"]
    for field, inner in schema["properties"].items():
        # A tag tells values apart, so it is always there.
        mark = "" if field in required or "const" in inner else "?"
        lines.append(f"  {field}{mark}: {_type(inner)};\n")
    return "".join(lines) + "}\n"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(_type(inner) for inner in schema[key]))
    if len(schema.get("allOf", ())) == 1:
        return _type(schema["allOf"][0])
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            items = ", ".join(_type(inner) for inner in schema["prefixItems"])
            return f"readonly [{items}]"
        case "array":
            return f"ReadonlyArray<{_type(schema.get('items', {}))}>"
        case "object":
            inner = schema.get("additionalProperties", {})
            value = _type(inner) if isinstance(inner, dict) else "unknown"
            return f"Readonly<Record<string, {value}>>"
        case str(kind):
            return _SIMPLE[kind]
        case _:
            return "unknown"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return {True: "true", False: "false", None: "null"}.get(value, str(value))


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    (root / TARGET).write_text(typescript(), encoding="utf-8")
