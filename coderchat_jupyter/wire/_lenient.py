"""Read what can be read of a value that somebody else may have shaped.

A setting whose type is not the one we know is no reason to lose a whole list of
models. It is kept as it came, among the unknown fields, and is written back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from coderchat_jupyter.wire._base import WireModel

__all__ = ["read_leniently"]

M = TypeVar("M", bound=WireModel)


def read_leniently(kind: type[M], value: Any) -> M:
    """Decode a value, with every field that does not fit among its unknown ones.

    Such a field has its default, and `model_extra` what really came.

    Raises:
        ValidationError: It is no object at all.
    """
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        wrong = {str(found["loc"][0]) for found in error.errors() if found["loc"]}
        if not isinstance(value, Mapping) or not wrong or not wrong <= set(value):
            raise
    odd: dict[str, Any] = {}
    fitting = dict(value)
    for name in wrong:
        inner = _model_of(kind, name)
        if inner is not None and isinstance(value[name], Mapping):
            fitting[name] = read_leniently(inner, value[name])
        else:
            odd[name] = fitting.pop(name)
    made = kind.model_validate(fitting)
    if made.model_extra is not None:
        made.model_extra.update(odd)
    return made


def _model_of(kind: type[WireModel], name: str) -> type[WireModel] | None:
    """The model that a field holds, where it holds one."""
    for attribute, info in kind.model_fields.items():
        if name in (attribute, info.alias):
            for choice in (info.annotation, *get_args(info.annotation)):
                if isinstance(choice, type) and issubclass(choice, WireModel):
                    return choice
    return None
