"""What a model gives a tool, read as text that anybody may have written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from coderchat_jupyter.server.foreign_json import has_halves, read_whole

__all__ = ["UnkeptError", "read_arguments", "shown_instead", "sound_text"]

_SHOWN: Final = 2000

_DEEPEST: Final = 100
"""Levels; with what is around them, half of what clients read."""


class UnkeptError(ValueError):
    """JSON, but none that can be kept and told by everybody; the text says why."""


def read_arguments(text: str) -> Any:
    """The JSON value of a call's arguments; none at all is an empty object.

    Raises:
        UnkeptError: It holds a number out of range, or is nested more deeply than
            anybody reads.
        ValueError: It is not JSON.
    """
    try:
        value = read_whole(text or "{}")
    except ValueError as error:
        if _is_json(text):
            raise UnkeptError(str(error)) from None
        raise
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return value
    msg = f"nested more than {_DEEPEST} levels deep"
    raise UnkeptError(msg)


def shown_instead(text: str) -> dict[str, str]:
    """What stands for arguments that cannot be kept: how they begin."""
    return {"unreadable": text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"}


def sound_text(text: str, value: Any) -> str:
    """The text of arguments for vendors: as the model wrote it, if anybody reads it.

    Args:
        text: What the model wrote.
        value: What `read_arguments` made of it.
    """
    if not has_halves(text):
        return text or "{}"
    # Half a character, that is replaced in the value, is read by no library.
    return json.dumps(value, ensure_ascii=False)


def _is_json(text: str) -> bool:
    """Whether it is JSON in form, its numbers never mind."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(name)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
