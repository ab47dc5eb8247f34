"""The contracts of two generations, and samples of what a Go server writes by them.

A contract lists each type's fields with their Go types. From that follows what Go's
encoder writes, field by field: always or unless empty, null or zero or nothing.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from pydantic import BaseModel

__all__ = [
    "EMBEDDED",
    "Contract",
    "GoField",
    "How",
    "contract",
    "field_of",
    "unknown_fields",
]

How = Literal["full", "empty", "odd"]
"""Every field set; every field at Go's zero; every field in its unusual spelling."""

_FILES: Final = pathlib.Path(__file__).parent.parent / "fixtures" / "contract"
_UUID: Final = "6f1d0c7e-3b52-4a9e-8d11-0123456789ab"
_ZERO_UUID: Final = "00000000-0000-0000-0000-000000000000"

_SCALARS: Final[Mapping[str, tuple[Any, Any, Any]]] = {
    # Go type: full, empty, odd
    "string": ("a <word> & more", "", "\u2028 \U0001f600 \x7f"),
    "bool": (True, False, True),
    "int": (7, 0, -7),
    "int32": (32, 0, -(2**31)),
    "int64": (64, 0, 2**63 - 1),
    "float64": (0.5, 0, 1e-7),
    "uuid.UUID": (_UUID, _ZERO_UUID, _UUID),
    "uuid.NullUUID": (_UUID, None, _ZERO_UUID),
    "time.Time": (
        "2026-06-03T09:00:00.120431Z",
        "0001-01-01T00:00:00Z",
        "2026-06-03T09:00:00.120431987Z",
    ),
    "decimal.Decimal": ("3.5", "0", 3.25),
    "json.RawMessage": ({"a": [1, None, {}]}, None, [1.5, "x", False]),
    "[]byte": ("aGVsbG8=", None, ""),
    "any": ({"b": 2}, None, [None]),
}

# Types of other files of the SDK, as far as the contracts use them.
_OUTSIDE: Final[Mapping[str, str]] = {
    "AIProviderType": "string",
    "ServerSentEventType": "string",
}

EMBEDDED: Final[Mapping[str, tuple[tuple[str, str, bool], ...]]] = {
    "Response": (
        ("message", "string", False),
        ("detail", "string", True),
        ("validations", "[]ValidationError", True),
    ),
    "MinimalUser": (
        ("id", "uuid.UUID", False),
        ("username", "string", False),
        ("name", "string", True),
        ("avatar_url", "string", True),
    ),
    "Group": (
        ("id", "uuid.UUID", False),
        ("name", "string", False),
        ("display_name", "string", False),
        ("organization_id", "uuid.UUID", False),
        ("members", "[]map[string]any", False),
        ("total_member_count", "int", False),
        ("avatar_url", "string", False),
        ("quota_allowance", "int", False),
        ("source", "string", False),
        ("organization_name", "string", False),
        ("organization_display_name", "string", False),
    ),
    "ValidationError": (("field", "string", False), ("detail", "string", False)),
}

# A Go type that stands for several of ours: which fields go with which tag.
_EVENT_FIELDS: Final = {
    "message_part": "message_part",
    "message": "message",
    "status": "status",
    "error": "error",
    "queue_update": "queued_messages",
    "retry": "retry",
    "action_required": "action_required",
}
_INPUT_FIELDS: Final = {
    "text": {"text"},
    "file": set[str](),
    "file-reference": {"file_name", "start_line", "end_line", "content"},
}

# Not told apart by the contract: which part could have them.
_PART_INTERNALS: Final = {
    "signature": {"reasoning", "tool-call", "tool-result", "source"},
    "provider_metadata": {"reasoning", "tool-call", "tool-result", "source"},
    "context_file_content": {"context-file"},
    "context_file_os": {"context-file"},
    "context_file_directory": {"context-file"},
    "context_file_skill_meta_file": {"context-file", "skill"},
    "skill_dir": {"skill"},
}


@dataclass(frozen=True, slots=True)
class GoField:
    """One field: name on the wire, Go type, and the omit-when-empty marker."""

    name: str
    go: str
    omitempty: bool
    tags: frozenset[str] | None = None

    @property
    def vanishes(self) -> bool:
        """Whether Go leaves it out when it is empty: never a struct or an array."""
        fixed = ("uuid.UUID", "uuid.NullUUID", "time.Time", "decimal.Decimal")
        return self.omitempty and self.go not in fixed


def field_of(raw: Mapping[str, Any]) -> GoField:
    """Read one field of a contract file."""
    variants = raw.get("variants")
    tags = None
    if variants is not None:
        tags = frozenset(tag.rstrip("?") for tag in variants.split(","))
    elif raw["json"] in _PART_INTERNALS and raw["go"] in ("string", "json.RawMessage"):
        tags = frozenset(_PART_INTERNALS[raw["json"]])
    return GoField(raw["json"], raw["go"], raw["omitempty"], tags)


class Contract:
    """The types and enums of one generation."""

    def __init__(self, generation: str) -> None:
        document = json.loads((_FILES / f"{generation}.json").read_text())
        self.generation = generation
        self.types: dict[str, Any] = document["types"]
        self.enums: dict[str, list[str]] = document["enums"]

    def fields(self, name: str, tag: str = "") -> tuple[GoField, ...]:
        """The fields of a type, embedded ones first.

        Args:
            name: The Go type.
            tag: For a type that stands for several: its value of `type`. Fields that
                only others have, and that Go would leave out, are not listed.
        """
        if name in EMBEDDED:
            return tuple(GoField(*field) for field in EMBEDDED[name])
        declared = self.types[name]
        found: list[GoField] = []
        for outer in declared.get("embeds", ()):
            found += self.fields(outer)
        found += [field_of(raw) for raw in declared["fields"]]
        return tuple(f for f in found if not tag or self._belongs(name, f, tag))

    def tags(self, name: str) -> tuple[str, ...]:
        """The values of `type` of a Go type that stands for several; else one ""."""
        by_type = {
            "ChatMessagePart": "ChatMessagePartType",
            "ChatInputPart": "ChatInputPartType",
            "ChatStreamEvent": "ChatStreamEventType",
        }
        return tuple(self.enums[by_type[name]]) if name in by_type else ("",)

    def _belongs(self, name: str, field: GoField, tag: str) -> bool:
        if not field.vanishes or field.name == "type":
            return True
        if name == "ChatStreamEvent":
            return field.name == _EVENT_FIELDS[tag]
        if name == "ChatInputPart":
            return field.name in _INPUT_FIELDS[tag]
        if self.generation == "g0":
            newer = {f.name: f for f in contract("g1").fields(name)}[field.name]
            return newer.tags is None or tag in newer.tags
        return field.tags is None or tag in field.tags

    def sample(self, name: str, how: How, tag: str = "", depth: int = 0) -> Any:
        """The JSON that a Go server writes for one value of a type."""
        if not tag:
            tag = self.tags(name)[0]
        out: dict[str, Any] = {}
        for field in self.fields(name, tag):
            payload = name == "ChatStreamEvent" and field.name == _EVENT_FIELDS[tag]
            if field.name == "type" and tag:
                out["type"] = tag
            elif how == "empty" and field.vanishes:
                if payload and field.go.startswith("*"):
                    out[field.name] = self.value(field.go[1:], how, depth)
            else:
                out[field.name] = self.value(field.go, how, depth)
        return out

    def value(self, go: str, how: How, depth: int = 0) -> Any:
        """The JSON of one value of a Go type: a scalar, a collection or a struct."""
        go = _OUTSIDE.get(go, go)
        if go in _SCALARS:
            full, empty, odd = _SCALARS[go]
            return {"full": full, "empty": empty, "odd": odd}[how]
        if go.startswith("*"):
            # The unusual pointer points at a zero, and is written all the same.
            inner: How = "empty" if how == "odd" else how
            return None if how == "empty" else self.value(go[1:], inner, depth + 1)
        if go.startswith("[]"):
            deep = depth > 1 and go == "[]Chat"
            if how == "empty":
                return None
            return [] if how == "odd" or deep else [self.value(go[2:], how, depth + 1)]
        if go.startswith("map["):
            if how == "empty":
                return None
            value = go.partition("]")[2]
            return {} if how == "odd" else {"key": self.value(value, how, depth + 1)}
        if go in self.enums:
            known = self.enums[go][0]
            return {"full": known, "empty": "", "odd": "of-a-newer-server"}[how]
        return self.sample(go, how, depth=depth + 1)

    def walk(self) -> Iterator[tuple[str, str]]:
        """Each type that is written as JSON, with each of its tags."""
        for name, declared in self.types.items():
            if declared.get("embeds") != ["Pagination"]:
                for tag in self.tags(name):
                    yield name, tag


@cache
def contract(generation: str) -> Contract:
    """The contract of `g0` or `g1`."""
    return Contract(generation)


def unknown_fields(value: Any, place: str = "") -> Iterator[str]:
    """Where a value holds fields that its class does not name."""
    if isinstance(value, BaseModel):
        yield from (f"{place}.{extra}" for extra in value.model_extra or ())
        for name, item in value:
            yield from unknown_fields(item, f"{place}.{name}")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from unknown_fields(item, f"{place}[]")
    elif isinstance(value, dict):
        for item in value.values():
            yield from unknown_fields(item, f"{place}{{}}")
