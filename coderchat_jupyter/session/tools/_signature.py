"""What a function tells of itself: its arguments as a schema, its docstring as prose.

A model reads the schema, writes JSON, and pydantic reads that JSON by the same types.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import (
    Annotated,
    Any,
    Final,
    NotRequired,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import ConfigDict, PydanticUserError, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError, to_jsonable_python

from coderchat_jupyter.session.tools._typed_dicts import readable, typed_dict

__all__ = ["Signature", "read_signature"]

_LONGEST_DESCRIPTION: Final = 1024
"""OpenAI's limit; a longer one makes every call of the model fail."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called, and what for.

    Attributes:
        arguments: Reads the JSON of a call.
        schema: The JSON schema of that JSON, an object.
        description: What the function does, from its docstring.
        positional: Arguments that must be given by place, in order.
    """

    arguments: TypeAdapter[dict[str, Any]]
    schema: dict[str, Any]
    description: str
    positional: tuple[str, ...] = ()


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles that repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def read_signature(
    function: Callable[..., Any], names: Mapping[str, Any] | None = None
) -> Signature:
    """Read hints, defaults and docstring of a function.

    Args:
        function: Any callable that has a signature.
        names: What annotations may name beside the globals of the function.

    Raises:
        TypeError: It has no signature, takes any number of unnamed arguments, or an
            argument is of a type that no JSON can describe.
    """
    what = getattr(function, "__name__", type(function).__name__)
    parameters = _parameters(function, what)
    hints = _hints(function, what, names or {})
    prose, told = _docstring(function)
    extra = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = {n: p for n, p in parameters.items() if p.kind is not p.VAR_KEYWORD}
    fields = {
        name: _field(hints.get(name, Any), is_required=p.default is p.empty)
        for name, p in named.items()
    }
    adapter = _adapter(what, fields, extra=extra)
    schema = _schema(what, adapter)
    for name, parameter in named.items():
        described = _annotated_text(hints.get(name)) or told.get(name, "")
        _describe(schema["properties"][name], parameter.default, described)
    positional = tuple(n for n, p in named.items() if p.kind is p.POSITIONAL_ONLY)
    return Signature(adapter, schema, prose, positional)


def _parameters(
    function: Callable[..., Any], what: str
) -> Mapping[str, inspect.Parameter]:
    try:
        parameters = inspect.signature(function).parameters
    except ValueError as error:
        raise TypeError(f"{what} does not tell which arguments it takes.") from error
    for name, parameter in parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise TypeError(
                f"{what} takes any number of arguments (*{name}): a model calls by "
                "name. Take a list instead."
            )
        if name in ("self", "cls"):
            raise TypeError(
                f"{what} is a method without its object. Make a tool of the bound "
                "method instead: tool(thing.method)."
            )
    return parameters


def _hints(
    function: Callable[..., Any], what: str, names: Mapping[str, Any]
) -> dict[str, Any]:
    inner: Any = function
    while isinstance(inner, partial):
        inner = inner.func
    inner = inspect.unwrap(inner)
    if not (inspect.isroutine(inner) or inspect.isclass(inner)):
        inner = type(inner).__call__
    if inspect.isclass(inner):
        inner = inner.__init__
    try:
        return get_type_hints(inner, localns=dict(names), include_extras=True)
    except NameError as error:
        raise TypeError(
            f"{what} has a hint that cannot be found: {error}. If it is local to a "
            "function, make a tool of it there, with @tool."
        ) from error


def _field(hint: Any, *, is_required: bool) -> Any:
    found = readable(hint)
    return found if is_required else NotRequired[found]


def _adapter(
    what: str, fields: dict[str, Any], *, extra: bool
) -> TypeAdapter[dict[str, Any]]:
    made = typed_dict("Arguments", fields)
    # A name that does not exist is a mistake that the model should hear of.
    made.__pydantic_config__ = ConfigDict(extra="allow" if extra else "forbid")
    try:
        return TypeAdapter(made)
    except (PydanticUserError, TypeError) as error:
        raise TypeError(_unfit(what, error)) from error


def _schema(what: str, adapter: TypeAdapter[dict[str, Any]]) -> dict[str, Any]:
    try:
        schema = adapter.json_schema(schema_generator=_Untitled)
    except PydanticUserError as error:
        raise TypeError(_unfit(what, error)) from error
    schema.pop("title", None)
    schema.setdefault("properties", {})
    return schema


def _unfit(what: str, error: Exception) -> str:
    reason = str(error).splitlines()[0]
    return f"{what} takes something that no JSON can describe: {reason}"


def _describe(schema: dict[str, Any], default: Any, text: str) -> None:
    if text:
        schema["description"] = text
    if default is inspect.Parameter.empty or "default" in schema:
        return
    try:
        schema["default"] = to_jsonable_python(default)
    except PydanticSerializationError:
        return  # the model need not know it to leave the argument out


def _annotated_text(hint: Any) -> str:
    """The description in `Annotated[int, "how many"]`, `Field` or `Doc`."""
    if get_origin(hint) is not Annotated:
        return ""
    for mark in get_args(hint)[1:]:
        if isinstance(mark, str):
            return mark
        for name in ("description", "documentation"):
            if isinstance(found := getattr(mark, name, None), str):
                return found
    return ""


def _docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What a function does, and what its arguments mean."""
    import docstring_parser

    text = "" if isinstance(function, partial) else inspect.getdoc(function) or ""
    try:
        parsed = docstring_parser.parse(text)
    except docstring_parser.ParseError:
        return _shortened(text), {}
    pieces = [parsed.short_description, parsed.long_description]
    if parsed.returns is not None and parsed.returns.description:
        pieces.append(f"Returns: {parsed.returns.description}")
    prose = "\n\n".join(piece.strip() for piece in pieces if piece)
    told = {
        p.arg_name.lstrip("*"): " ".join((p.description or "").split())
        for p in parsed.params
    }
    return _shortened(prose), told


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    return text[: _LONGEST_DESCRIPTION - 1].rstrip() + "…"
