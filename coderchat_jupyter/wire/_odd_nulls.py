"""Nulls where Go never writes one: read as a zero, and written back as they came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from coderchat_jupyter.wire._base import RawValue, null_mark
from coderchat_jupyter.wire._values import NullItems, NullTable, OddTable

__all__ = ["keep_nulls"]


def keep_nulls(value: Any, document: Any) -> None:
    """Remember the nulls of a document that was decoded with zeros in their place.

    The encoder writes each as null again, as long as the field still is at its zero.

    Args:
        value: What was decoded.
        document: What it was decoded from.
    """
    if isinstance(value, BaseModel) and not isinstance(value, RawValue):
        if isinstance(document, Mapping):
            _keep_in_model(value, document)
    elif isinstance(value, tuple) and isinstance(document, list):
        if len(document) != len(value):
            # An item that was null is none.
            document = [told for told in document if told is not None]
        for held, told in zip(value, document, strict=False):
            keep_nulls(held, told)
    elif isinstance(value, Mapping) and isinstance(document, Mapping):
        for name in value.keys() & document.keys():
            keep_nulls(value[name], document[name])


def _keep_in_model(value: BaseModel, document: Mapping[str, Any]) -> None:
    """Mark the nulls of one object, and those among the entries of its maps."""
    for name, field in type(value).model_fields.items():
        wire_name = field.alias or name
        if wire_name not in document:
            continue
        held, told = getattr(value, name), document[wire_name]
        if told is not None:
            keep_nulls(held, told)
            if isinstance(held, dict) and (nulls := _nulls(held, told)):
                odd = OddTable(held)
                odd.nulls = nulls
                value.__dict__[name] = odd
        elif held is not None and not isinstance(held, NullItems | NullTable):
            value.model_fields_set.update((name, null_mark(name)))


def _nulls(held: Mapping[str, Any], told: Any) -> frozenset[str]:
    """The entries that came as null and were read as something else."""
    return frozenset(
        name
        for name, item in held.items()
        if item is not None and told.get(name, item) is None
    )
