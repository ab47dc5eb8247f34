"""Decode fast when every tag is known, and patiently when one is not.

A closed union is several times cheaper than an open one, but raises on a tag that it
does not know. So the closed one goes first, and only a document that it refuses is
walked to wrap its unknown parts, then decoded again.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import pydantic_core
from pydantic import TypeAdapter, ValidationError

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._odd_nulls import keep_nulls
from coderchat_jupyter.wire.parts import KNOWN_PART_TYPES, UnknownPart

__all__ = ["decode", "decode_value", "parse_json", "wrap_unknown_parts"]

T = TypeVar("T")

_PART_LISTS: Final = frozenset({"content", "last_injected_context"})

# Values of tools and providers, not of the protocol: what looks like a part in there
# is none.
_FOREIGN: Final = frozenset(
    {
        "args",
        "attempts",
        "error",
        "extra_body",
        "input_schema",
        "labels",
        "metadata",
        "normalized_request",
        "normalized_response",
        "output",
        "prediction",
        "provider_metadata",
        "resources",
        "result",
        "summary",
        "usage",
    }
)

# By the words of pydantic for what it wanted instead of null.
_ZEROS: Final = {
    "string_type": "",
    "int_type": 0,
    "bool_type": False,
    "float_type": 0,
    "datetime_type": "0001-01-01T00:00:00Z",
}

_TIME: Final = "is-instance[datetime]"
"""The choice that pydantic tries first for a time."""

_FARTHEST: Final = 20
"""Steps to a null that are followed: the ways to read a longer place are too many."""

_DEEPEST: Final = 200
"""Levels of nesting; the quick parser has the same limit."""


def parse_json(raw: str | bytes) -> Any:
    """Parse JSON, or raise ProtocolError: the text itself is never quoted.

    Half a surrogate pair is replaced, as Go's decoder does it.
    """
    try:
        return pydantic_core.from_json(raw)
    except (ValueError, TypeError):
        text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    try:
        return _mended(json.loads(text), _DEEPEST)
    except (ValueError, RecursionError):
        pass
    # Out of the handler: what it caught holds the whole text.
    raise ProtocolError("The server sent something that is not JSON.")


def decode(adapter: TypeAdapter[T], raw: str | bytes, *, what: str) -> T:
    """Decode a document.

    Raises:
        ProtocolError: It is not JSON, or not a `what`.
    """
    try:
        return adapter.validate_json(raw)
    except (ValidationError, TypeError):
        pass
    return decode_value(adapter, parse_json(raw), what=what)


def decode_value(
    adapter: TypeAdapter[T],
    value: Any,
    *,
    what: str,
    soften: Callable[[Any], Any] | None = None,
) -> T:
    """Decode parsed JSON, with unknown parts wrapped first."""
    softened = (soften or wrap_unknown_parts)(value)
    try:
        return adapter.validate_python(softened)
    except ValidationError as error:
        problem = error
        # Parts of the value are shared with what is mended.
        told = copy.deepcopy(value)
        mended = _take_nulls(softened, error)
    try:
        if mended:
            made = adapter.validate_python(softened)
            keep_nulls(made, told)
            return made
    except ValidationError as error:
        problem = error
    # Where there was a choice, the one that was understood furthest tells most.
    furthest = max(
        problem.errors(include_input=False, include_url=False),
        key=lambda found: len(found["loc"]),
    )
    place, why = _place(furthest["loc"]), _why(furthest)
    raise ProtocolError(f"The server sent no readable {what}: {place}: {why}")


def _place(steps: tuple[str | int, ...]) -> str:
    """Where it was, in words of ours: the keys of a map are the server's."""
    of_map = (str(before).startswith("dict[") for before in ("", *steps))
    told = zip(steps, of_map, strict=False)
    return ".".join("…" if is_key else str(step) for step, is_key in told)


def _why(found: Any) -> str:
    """What is wrong there, without quoting a tag that the server made up."""
    return "unknown type" if found["type"] == "union_tag_invalid" else found["msg"]


def wrap_unknown_parts(value: Any, key: str = "") -> Any:
    """Replace each part of unknown type by an `UnknownPart`."""
    if isinstance(value, list):
        return [wrap_unknown_parts(item, key) for item in value]
    if not isinstance(value, dict):
        return value
    if (key in _PART_LISTS or key == "part") and not _is_known(value.get("type")):
        return UnknownPart(raw=value)
    return {
        name: item if name in _FOREIGN else wrap_unknown_parts(item, name)
        for name, item in value.items()
    }


def _is_known(kind: Any) -> bool:
    return isinstance(kind, str) and kind in KNOWN_PART_TYPES


def _take_nulls(value: Any, error: ValidationError) -> bool:
    """Put the zero of its type for each null that was not readable, as Go does.

    Returns:
        Whether there was one.
    """
    found_one = False
    holes: dict[tuple[int, int], list[Any]] = {}
    for found in error.errors(include_url=False):
        place = found["loc"]
        if len(place) > _FARTHEST or not (nulls := list(_nulls(value, place, 0))):
            continue
        nulls.sort(key=lambda null: null[0])
        _, holder, key = nulls[-1]
        kind = "datetime_type" if place[-1] == _TIME else found["type"]
        if kind in _ZEROS:
            holder[key] = _ZEROS[kind]
        elif isinstance(holder, dict):
            del holder[key]
        else:
            holes[key, id(holder)] = holder
        found_one = True
    # From behind, so that the places of the others stay.
    for hole in sorted(holes, reverse=True):
        del holes[hole][hole[0]]
    return found_one


def _nulls(
    value: Any, steps: tuple[str | int, ...], used: int
) -> Iterator[tuple[int, Any, Any]]:
    """Follow the place of an error to what may be its null.

    A step is a field, an item, or the name of a choice that leads nowhere; which one
    cannot be told where a field is named like a choice.

    Yields:
        How many steps were followed, the object or list that holds the null, and
        its key there.
    """
    if not steps:
        return
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict) and step in value:
        if value[step] is None:
            yield used + 1, value, step
        yield from _nulls(value[step], rest, used + 1)
    elif isinstance(value, list) and isinstance(step, int) and step < len(value):
        if value[step] is None:
            yield used + 1, value, step
        yield from _nulls(value[step], rest, used + 1)
        return
    yield from _nulls(value, rest, used + 1)


def _mended(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if not isinstance(value, list | dict):
        return value
    if not levels:
        raise ValueError("too deep")
    if isinstance(value, list):
        return [_mended(item, levels - 1) for item in value]
    return {_mended(name, 1): _mended(item, levels - 1) for name, item in value.items()}
