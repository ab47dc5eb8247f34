"""What any callable tells of itself: its name, the hints of its arguments, its docs.

A callable may be a function, a method, a class, an object that can be called, or one of
these with some arguments given already (`functools.partial`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, get_type_hints

__all__ = ["docs_of", "hints_of", "name_of"]


def name_of(function: Callable[..., Any]) -> str:
    """Its own name, else that of its class."""
    named = function if hasattr(function, "__name__") else _whole(function)
    return str(getattr(named, "__name__", type(named).__name__))


def docs_of(function: Callable[..., Any]) -> str:
    """Its docstring; that of `__call__` if the object itself has none."""
    if "__doc__" in getattr(function, "__dict__", {}):
        return inspect.getdoc(function) or ""
    whole = _whole(function)
    if _is_object(whole) and "__doc__" not in getattr(whole, "__dict__", {}):
        called = type(whole).__call__
        if inspect.isfunction(called) and called.__doc__:
            return inspect.cleandoc(called.__doc__)
    return inspect.getdoc(whole) or ""


def hints_of(function: Callable[..., Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """The hints of its arguments; what it returns is of no interest.

    Args:
        function: Any callable.
        names: What hints may name beside the globals of the function.

    Raises:
        TypeError: A hint is no type, or names something that is not there.
    """
    inner: Any = inspect.unwrap(_whole(function))
    if _is_object(inner):
        inner = type(inner).__call__
    if inspect.isclass(inner):
        inner = inner.__init__
    # What is returned is often known to type checkers alone.
    told = getattr(inner, "__annotations__", None) or {}
    arguments = {name: hint for name, hint in told.items() if name != "return"}
    holder = SimpleNamespace(__annotations__=arguments)
    known = getattr(inner, "__globals__", {})
    generic = {kind.__name__: kind for kind in getattr(inner, "__type_params__", ())}
    local = {**names, **generic}
    try:
        return get_type_hints(holder, known, local, include_extras=True)
    except (NameError, AttributeError, SyntaxError) as error:
        raise TypeError(
            f"{name_of(function)} has a hint that cannot be found: {error}. If it is "
            "local to a function, make a tool of it there, with @tool."
        ) from error


def _whole(function: Callable[..., Any]) -> Callable[..., Any]:
    """Without the arguments that are given already."""
    while isinstance(function, partial):
        function = function.func
    return function


def _is_object(function: Callable[..., Any]) -> bool:
    return not (inspect.isroutine(function) or inspect.isclass(function))
