"""Copies of a frozen value with some fields changed, in the time that a frame has."""

from __future__ import annotations

from typing import Any, Final, TypeVar

__all__ = ["copied"]

T = TypeVar("T")

_new: Final = object.__new__
_set: Final = object.__setattr__


def copied(value: T, **fields: Any) -> T:
    """As `dataclasses.replace`, for a class without slots and `__post_init__`.

    That one calls the constructor, which sets every field by name: for a state of
    twenty fields it is most of what a frame costs.
    """
    made = _new(type(value))
    all_fields = value.__dict__.copy()
    all_fields.update(fields)
    _set(made, "__dict__", all_fields)
    return made
