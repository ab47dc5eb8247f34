"""How request bodies are read: as a Go decoder reads them.

Unknown fields are ignored, null means "not given", and a value of the wrong type
makes the whole body invalid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias, TypeVar, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from starlette.requests import ClientDisconnect, Request

from coderchat_jupyter.server.failures import invalid_json
from coderchat_jupyter.server.routes._go_json import (
    by_field,
    first_value,
    normal_uuid,
    type_fault,
)
from coderchat_jupyter.wire.ids import ZERO_UUID
from coderchat_jupyter.wire.messages import MAX_BODY_BYTES

__all__ = [
    "Body",
    "Int32",
    "Int64",
    "Secret",
    "Uuid",
    "UuidOrNone",
    "read_body",
]

# Read and thrown away beyond the cap, so that the client hears the answer.
_DRAINED_BYTES: Final = 64 * 2**20


def _no_zero(value: str) -> str | None:
    """A Go client cannot leave an id out of some bodies: zero means absent."""
    return None if value == ZERO_UUID else value


# Go's integers: a number that does not fit makes the body invalid.
Int32: TypeAlias = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Int64: TypeAlias = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]

Uuid: TypeAlias = Annotated[str, AfterValidator(normal_uuid)]
UuidOrNone: TypeAlias = Annotated[
    str | None, AfterValidator(lambda v: v if v is None else _no_zero(normal_uuid(v)))
]

Secret: TypeAlias = Annotated[
    SecretStr, BeforeValidator(lambda v: SecretStr(v) if isinstance(v, str) else v)
]


class Body(BaseModel):
    """A request body, or an object in one."""

    model_config = ConfigDict(
        strict=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        given = by_field(cls, value)
        return {
            name: _without_nulls(cls, name, item)
            for name, item in given.items()
            if item is not None
        }


def _without_nulls(kind: type[BaseModel], name: str, item: Any) -> Any:
    """Items with the zero of their type for each null among them, as Go has it."""
    if isinstance(item, list) and None in item:
        zero = _zero_item(kind, name)
        return [zero if one is None else one for one in item]
    if isinstance(item, dict) and None in item.values():
        zero = _zero_item(kind, name)
        return {key: zero if one is None else one for key, one in item.items()}
    return item


def _zero_item(kind: type[BaseModel], name: str) -> Any:
    """The zero of the items that a field holds; None of what may be anything."""
    field = kind.model_fields.get(name)
    told = field.annotation if field else None
    # What may be absent is a choice between a list or an object, and None.
    kinds = (told, *get_args(told))
    held = next((get_args(k)[-1:] for k in kinds if get_origin(k) in (list, dict)), ())
    match held:
        case (one,) if one is str:
            return ""
        case (one,) if get_origin(one) is Annotated:
            return ZERO_UUID
        case (one,) if isinstance(one, type) and issubclass(one, BaseModel):
            return {}
    return None


_B = TypeVar("_B", bound=Body)


async def read_body(
    request: Request, kind: type[_B], *, cap: int = MAX_BODY_BYTES
) -> _B:
    """Decode the body of a request.

    Raises:
        RequestError: 400; it is longer than `cap`, not JSON, or not such a body.
    """
    raw = bytearray()
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= cap:
                raw += chunk
            elif size > _DRAINED_BYTES:
                break
    except ClientDisconnect:
        raise invalid_json("unexpected EOF") from None
    if size > cap:
        raise invalid_json("http: request body too large")
    try:
        value = first_value(bytes(raw))
    except ValueError as error:
        raise invalid_json(str(error) or "not JSON") from None
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise invalid_json(type_fault(error, value)) from None
