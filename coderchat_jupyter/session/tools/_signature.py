"""What a function tells of itself: its arguments as a schema, its docstring as prose.

A model reads the schema, writes JSON, and pydantic reads that JSON by the same types.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NotRequired, get_args, get_origin

from pydantic import ConfigDict, PydanticUserError, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import to_jsonable_python

from coderchat_jupyter.session.tools._callables import docs_of, hints_of, name_of
from coderchat_jupyter.session.tools._docstrings import read_docstring
from coderchat_jupyter.session.tools._typed_dicts import readable, typed_dict

__all__ = ["Signature", "read_signature"]

_LONGEST_DEFAULT: Final = 1000
"""Characters of JSON: every model reads all schemas in each step."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called, and what for.

    Attributes:
        arguments: Reads the JSON of a call.
        schema: The JSON schema of that JSON, an object.
        description: What the function does, from its docstring.
        positional: Arguments that must be given by place, in order, with what stands
            for one that was left out.
        names: Of all arguments that the function names.
        more: Reads those that it does not name, if there may be any.
    """

    arguments: TypeAdapter[dict[str, Any]]
    schema: dict[str, Any]
    description: str
    positional: Mapping[str, Any] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    more: TypeAdapter[dict[str, Any]] | None = None

    def read(self, text: str) -> dict[str, Any]:
        """The arguments that a JSON object holds, by name.

        Raises:
            ValidationError: It is no such object, or does not fit the hints.
        """
        found = self.arguments.validate_json(text)
        if self.more is None:
            return found
        rest = {name: found[name] for name in found.keys() - self.names}
        return {**found, **self.more.validate_python(rest)}


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
    what = name_of(function)
    parameters = _parameters(function, what)
    hints = hints_of(function, names or {})
    prose, told = read_docstring(docs_of(function))
    named = {n: p for n, p in parameters.items() if p.kind is not p.VAR_KEYWORD}
    extra = [hints.get(n, Any) for n in parameters if n not in named]
    fields = {name: _field(hints.get(name, Any), p) for name, p in named.items()}
    adapter = _adapter(what, fields, extra=bool(extra))
    schema = _schema(what, adapter)
    # In the order of the arguments, but under the names that fields may have in JSON.
    described = zip(named.items(), schema["properties"].values(), strict=True)
    for (name, parameter), found in described:
        text = _annotated_text(hints.get(name)) or told.get(name, "")
        _describe(found, parameter.default, text)
    positional = {n: p.default for n, p in named.items() if p.kind is p.POSITIONAL_ONLY}
    more = _more(what, extra[0], schema) if extra else None
    return Signature(adapter, schema, prose, positional, frozenset(named), more)


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


def _field(hint: Any, parameter: inspect.Parameter) -> Any:
    found = readable(hint)
    if isinstance(parameter.default, FieldInfo):
        # `x: int = Field(3, ge=1)`: pydantic puts the default in.
        return Annotated[found, parameter.default]
    return found if parameter.default is parameter.empty else NotRequired[found]


def _adapter(
    what: str, fields: dict[str, Any], *, extra: bool
) -> TypeAdapter[dict[str, Any]]:
    made = typed_dict("Arguments", fields)
    # A name that does not exist is a mistake that the model should hear of.
    made.__pydantic_config__ = ConfigDict(extra="allow" if extra else "forbid")
    return _of_type(what, made)


def _of_type(what: str, kind: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(kind)
    except (PydanticUserError, TypeError) as error:
        raise TypeError(_unfit(what, error)) from error


def _schema(what: str, adapter: TypeAdapter[dict[str, Any]]) -> dict[str, Any]:
    try:
        made = adapter.json_schema(schema_generator=_Untitled)
    except PydanticUserError as error:
        raise TypeError(_unfit(what, error)) from error
    # A default may be a number that JSON does not have.
    schema: dict[str, Any] = json.loads(json.dumps(made), parse_constant=_no_number)
    schema.pop("title", None)
    schema.setdefault("properties", {})
    return schema


def _no_number(_: str) -> None:
    """What stands for NaN and what is infinite."""


def _more(
    what: str, hint: Any, schema: dict[str, Any]
) -> TypeAdapter[dict[str, Any]] | None:
    """Read what `**more: hint` takes, and say so in the schema."""
    if hint is Any:
        return None
    adapter = _of_type(what, dict[str, readable(hint)])  # type: ignore[misc]
    told = _schema(what, adapter)
    schema["additionalProperties"] = told["additionalProperties"]
    if "$defs" in told:
        schema["$defs"] = {**told["$defs"], **schema.get("$defs", {})}
    return adapter


def _unfit(what: str, error: Exception) -> str:
    reason = str(error).splitlines()[0]
    return f"{what} takes something that no JSON can describe: {reason}"


def _describe(schema: dict[str, Any], default: Any, text: str) -> None:
    if text and not schema.get("description"):
        schema["description"] = text
    is_none = default is inspect.Parameter.empty or isinstance(default, FieldInfo)
    if is_none or "default" in schema:
        return
    try:
        plain = to_jsonable_python(default)
        is_short = len(json.dumps(plain, allow_nan=False)) <= _LONGEST_DEFAULT
    except Exception:  # noqa: BLE001  any object may be a default
        return  # the model need not know it to leave the argument out
    if is_short:
        schema["default"] = plain


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
