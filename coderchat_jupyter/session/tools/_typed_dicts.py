"""Typed dictionaries as pydantic reads them, whichever module they come from.

Before Python 3.12 pydantic takes those of `typing_extensions` alone, as the others do
not remember which keys are required; for our purpose they remember enough.
"""

from __future__ import annotations

import sys
import typing
from typing import Annotated, Any, NotRequired, Required, cast, get_args, get_origin

from typing_extensions import TypedDict

__all__ = ["readable", "typed_dict"]

_IS_OLD = sys.version_info < (3, 12)


def typed_dict(name: str, fields: dict[str, Any]) -> Any:
    """A typed dictionary; a field that may be missing is `NotRequired[...]`."""
    return cast("Any", TypedDict)(name, fields)


def readable(hint: Any) -> Any:
    """A hint with every `typing.TypedDict` in it replaced by one that can be read."""
    return _replaced(hint, ()) if _IS_OLD else hint


def _replaced(hint: Any, seen: tuple[Any, ...]) -> Any:
    if typing.is_typeddict(hint):
        return hint if hint in seen else _copied(hint, (*seen, hint))
    origin, args = get_origin(hint), get_args(hint)
    if origin is typing.Literal or not args:
        return hint
    if origin is Annotated:
        inner = _replaced(args[0], seen)
        return hint if inner is args[0] else Annotated[(inner, *args[1:])]
    inner_args = tuple(_replaced(arg, seen) for arg in args)
    if all(new is old for new, old in zip(inner_args, args, strict=True)):
        return hint
    if origin is typing.Union or type(hint).__name__ == "UnionType":
        return typing.Union[inner_args]  # noqa: UP007  made of parts
    return origin[inner_args]


def _copied(kind: Any, seen: tuple[Any, ...]) -> Any:
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {}
    for name, hint in hints.items():
        # Of a text, as under `from __future__ import annotations`, the class itself
        # did not see that the field may be missing.
        mark = get_origin(hint)
        inner = get_args(hint)[0] if mark in (Required, NotRequired) else hint
        found = _replaced(inner, seen)
        is_required = mark is not NotRequired and name in kind.__required_keys__
        fields[name] = found if is_required or mark is Required else NotRequired[found]
    made = typed_dict(kind.__name__, fields)
    made.__doc__ = kind.__doc__
    return made
