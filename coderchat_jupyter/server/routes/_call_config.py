"""The settings of a model as a request may hold them: as strict as Go's decoder.

`CallConfig` itself reads what any server may have stored, so it forgives more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from coderchat_jupyter.server.foreign_json import LongNumber
from coderchat_jupyter.server.routes._go_json import by_field, type_fault
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig

__all__ = ["is_decimal", "read_call_config"]

_DECIMAL: Final = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,11}))?"
)
_MAX_INT64: Final = 2**63 - 1
_MAX_INT32: Final = 2**31 - 1


def read_call_config(value: Any) -> CallConfig:
    """Read the `model_config` of a request.

    Raises:
        ValueError: Something in it has the wrong type.
    """
    if isinstance(value, CallConfig):
        return value
    found = _fitted(CallConfig, value)
    if isinstance(found, dict):
        for prices in (found, found.get("cost")):
            _read_prices(prices)
    try:
        config = CallConfig.model_validate(found, strict=True)
    except ValidationError as error:
        raise ValueError(type_fault(error, found, "model_config")) from None
    _check_range(config, "model_config")
    return config


def is_decimal(text: str) -> bool:
    """Whether the reference's library reads a text as a decimal.

    A sign, digits with a point anywhere among them, an exponent of 32 bits: no white
    space, no underscores, and no digits of other scripts.
    """
    found = _DECIMAL.fullmatch(text)
    return found is not None and (
        found[1] is None or -_MAX_INT32 - 1 <= int(found[1]) <= _MAX_INT32
    )


def _fitted(kind: type[BaseModel], value: Any) -> Any:
    """The members by the names of their fields, at every level; null is absent."""
    if not isinstance(value, Mapping):
        return value
    given = by_field(kind, value)
    fields = {field.alias or name: field for name, field in kind.model_fields.items()}
    return {
        name: _fitted_item(fields.get(name), item)
        for name, item in given.items()
        if item is not None
    }


def _fitted_item(field: FieldInfo | None, item: Any) -> Any:
    if field is None:
        # A setting of another release, which nobody here knows the type of.
        return item
    inner = _model_in(field.annotation)
    if isinstance(item, list):
        # In a list, null is the zero of the items.
        zero: Any = "" if inner is None else {}
        items = (zero if one is None else one for one in item)
        return tuple(_fitted(inner, one) if inner else one for one in items)
    return _fitted(inner, item) if inner else item


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation is made of, alone, optional, or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(one) for one in get_args(annotation))
    return next((one for one in found if one is not None), None)


def _read_prices(holder: Any) -> None:
    """Check the prices of an object, and let none of their digits be lost."""
    if not isinstance(holder, dict):
        return
    for name in Prices.model_fields:
        price = holder.get(name)
        if isinstance(price, LongNumber):
            holder[name] = Decimal(price.digits)
        if isinstance(price, str) and not is_decimal(price):
            msg = f"model_config.{name}: can't convert {price[:40]!r} to decimal"
            raise ValueError(msg)


def _check_range(value: Any, place: str) -> None:
    """Refuse integers that do not fit into 64 bits."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            # What goes to a vendor as it is may hold any number.
            if name not in ("extra_body", "metadata", "prediction"):
                _check_range(getattr(value, name), f"{place}.{name}")
    elif isinstance(value, Mapping):
        for item in value.values():
            _check_range(item, place)
    elif type(value) is int and not -_MAX_INT64 - 1 <= value <= _MAX_INT64:
        msg = f"json: cannot unmarshal number into field {place} of type int64"
        raise ValueError(msg)
