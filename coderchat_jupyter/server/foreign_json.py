"""JSON that others wrote: bodies, what tools answer, what models give to tools.

What is read here can be kept and told by anybody: no NaN and no infinity, also none
by a number that is too large; half of a surrogate pair is a replacement character, as
in Go. NUL is text like any other. Pure: text in, a value out.
"""

from __future__ import annotations

import json
import re
from math import isinf
from typing import Any, Final

__all__ = [
    "LongNumber",
    "has_halves",
    "read_first",
    "read_stored",
    "read_whole",
    "whole_text",
]

_WHITESPACE: Final = " \t\r\n"

_HALF: Final = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")
_SHOWN: Final = 40
_KEPT_DIGITS: Final = 15
"""As many every float tells apart."""

_SAFE_DIGITS: Final = 300
"""An integer of as many is within the range of a float."""


def read_whole(text: str) -> Any:
    """The one value that a text is.

    Raises:
        ValueError: It is none, holds a number out of range, or is nested too deeply.
    """
    value, end = _read(text, 0)
    if text[end:].strip(_WHITESPACE):
        raise ValueError("invalid character after top-level value")
    return value


def read_first(text: str) -> Any:
    """The value that a text begins with; what follows it is not looked at.

    Raises:
        ValueError: It begins with none, or with one that `read_whole` refuses.
    """
    return _read(text, 0)[0]


def read_stored(text: str) -> Any:
    """A value that we stored, perhaps before halves of pairs were looked for."""
    value = json.loads(text)
    return _mended(value) if has_halves(text) else value


def has_halves(text: str) -> bool:
    """Whether half a pair may be in a JSON text, itself or escaped."""
    return _HALF.search(text) is not None


def whole_text(text: str) -> str:
    """A text of whole characters: two halves that meet are one, others are replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read(text: str, start: int) -> tuple[Any, int]:
    start += len(text) - len(text.lstrip(_WHITESPACE))
    try:
        value, end = _DECODER.raw_decode(text, start)
        if has_halves(text):
            value = _mended(value)
    except RecursionError:
        raise ValueError("exceeded max depth") from None
    return value, end


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {whole_text(key): _mended(item) for key, item in value.items()}
    return value


class LongNumber(float):
    """A number with more digits than a float keeps; `digits` are all of them."""

    digits: str


def _float(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise _out_of_range(digits)
    if len(digits) > _KEPT_DIGITS:
        number = LongNumber(digits)
        number.digits = digits
    return number


def _int(digits: str) -> int:
    if len(digits) > _SAFE_DIGITS:
        _float(digits)
    return int(digits)


def _constant(name: str) -> Any:
    msg = f"invalid character {name[0]!r} looking for beginning of value"
    raise ValueError(msg)


def _out_of_range(digits: str) -> ValueError:
    number = digits if len(digits) <= _SHOWN else f"{digits[:_SHOWN]}…"
    return ValueError(
        f"json: cannot unmarshal number {number} into Go value of type float64"
    )


_DECODER: Final = json.JSONDecoder(
    parse_constant=_constant, parse_float=_float, parse_int=_int
)
