"""Frames that differ from an earlier one in nothing but the piece of text they bring.

A model's answer comes as thousands of frames with one piece each, and of their bytes
only the text of the piece is new, and its number since v2.35. What surrounds the text
is learned from a frame that was decoded in full; the next ones are that event with
another text.

That is exact, and no guess: where all bytes around a string are the same, and those
of the string are one string, all other values are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import from_json

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire.events import Event, MessagePartEvent, StreamedPart
from coderchat_jupyter.wire.parts import ReasoningPart, TextPart, ToolCallPart

__all__ = ["Template", "only_piece"]

_PIECES: Final[dict[type[Any], str]] = {
    TextPart: "text",
    ReasoningPart: "text",
    ToolCallPart: "args_delta",
}
"""The field of a part that holds the piece."""

_TEXT: Final = rb'"%s"\s*:\s*"((?:[^"\\]|\\.)*)"'
_NUMBER: Final = re.compile(rb'"seq"\s*:\s*([1-9][0-9]{0,17})')
_A_NUMBER: Final = re.compile(rb"[1-9][0-9]{0,17}")

_MAX_SIZE: Final = 16_384
"""Bytes of a frame to learn from: what is learned stays in memory."""

_PLAIN: Final = (str, int, type(None), tuple, datetime, WireModel)
"""What copies of a value may share."""

_new: Final = object.__new__

# Where pydantic keeps what a value is made of. Looked up once: finding them anew for
# each value takes longer than setting them.
_set_fields, _set_told, _set_extra, _set_private = (
    vars(BaseModel)[slot].__set__
    for slot in (
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_extra__",
        "__pydantic_private__",
    )
)


def only_piece(batch: tuple[Event, ...]) -> MessagePartEvent | None:
    """The event of a frame that brings one piece and nothing else."""
    if len(batch) != 1 or type(batch[0]) is not MessagePartEvent:
        return None
    return batch[0] if type(batch[0].message_part.part) in _PIECES else None


class Template:
    """What surrounds the text in frames that are alike, and their event.

    `Template.of` learns one; `event` reads a frame by it.
    """

    def __init__(
        self, event: MessagePartEvent, around: tuple[bytes, bytes, bytes | None]
    ) -> None:
        """Remember.

        Args:
            event: Some event of such a frame.
            around: The bytes before the text, those behind it up to the number, and
                those behind the number; None if there is no number.
        """
        self._before, self._between, self._behind = around
        streamed = event.message_part
        self._kind = type(streamed.part)
        self._field = _PIECES[self._kind]
        self._start = len(self._before)
        self._values = [
            (value.__dict__, value.model_fields_set)
            for value in (event, streamed, streamed.part)
        ]

    @classmethod
    def of(
        cls,
        frame: bytes,
        event: MessagePartEvent,
        decode: Callable[[bytes], tuple[Event, ...]],
    ) -> Template | None:
        """Learn from a frame; None if there is more to it than one text.

        Args:
            frame: As it came.
            event: What it was decoded to.
            decode: How: the frame with a longer text must come out as that.
        """
        if len(frame) > _MAX_SIZE:
            return None
        field = _PIECES[type(event.message_part.part)]
        texts = list(re.finditer(_TEXT % field.encode(), frame))
        numbers = list(_NUMBER.finditer(frame))
        if len(texts) != 1 or len(numbers) > 1:
            return None
        (text,) = texts
        before, rest = frame[: text.start(1)], frame[text.end(1) :]
        between, digits, behind = rest, b"", None
        if numbers and numbers[0].start() > text.end():
            (number,) = numbers
            between, digits = frame[text.end(1) : number.start(1)], number[1]
            behind = frame[number.end(1) :]
            rest = b"".join((between, digits, b"0", behind))
        with suppress(ProtocolError):
            told = only_piece(decode(before + text[1] + b"x" + rest))
            if told is not None and _differs(event, told, field, digits):
                return cls(told, (before, between, behind))
        return None

    def event(self, frame: bytes) -> MessagePartEvent | None:
        """The event of a frame, as decoding it gives; None if this does not fit."""
        end = self._between if self._behind is None else self._behind
        if not (frame.startswith(self._before) and frame.endswith(end)):
            return None
        text, number = frame[self._start : -len(end)], None
        if self._behind is not None:
            text, between, digits = text.rpartition(self._between)
            if not between or not _A_NUMBER.fullmatch(digits):
                return None
            number = int(digits)
        elif len(frame) < self._start + len(end):
            return None
        try:
            piece = from_json(b'"%b"' % text)
        except ValueError:
            return None
        return self._made(piece, number)

    def _made(self, piece: str, number: int | None) -> MessagePartEvent:
        (whole, told), (streamed, told_of_it), (part, told_of_part) = self._values
        part = part.copy()
        part[self._field] = piece
        streamed = streamed.copy()
        streamed["part"] = _like(self._kind, part, told_of_part)
        if number is not None:
            streamed["seq"] = number
        whole = whole.copy()
        whole["message_part"] = _like(StreamedPart, streamed, told_of_it)
        made: MessagePartEvent = _like(MessagePartEvent, whole, told)
        return made


def _like(kind: type[Any], fields: dict[str, Any], told: set[str]) -> Any:
    """A value as pydantic makes it, without checking again what was checked."""
    made = _new(kind)
    _set_fields(made, fields)
    # Shared: values are frozen, and nothing is ever set in them.
    _set_told(made, told)
    _set_extra(made, {})
    _set_private(made, None)
    return made


def _differs(
    event: MessagePartEvent, other: MessagePartEvent, field: str, digits: bytes
) -> bool:
    """Only in the text, by an x, and by a digit in the number if there is one."""
    first, second = event.message_part, other.message_part
    if digits and (first.seq, second.seq) != (int(digits), int(digits) * 10):
        return False
    if getattr(second.part, field, None) != getattr(first.part, field) + "x":
        return False
    return all(map(_is_plain, (other, second, second.part)))


def _is_plain(value: WireModel) -> bool:
    """Of known fields alone, with such values as nobody can change."""
    fields = value.__dict__.values()
    return not value.model_extra and all(isinstance(v, _PLAIN) for v in fields)
