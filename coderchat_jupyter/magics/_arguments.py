"""Reads the words behind `%chat` and `%%chat`; the prompt itself is never touched.

Options stand in front, and only there. What follows them is the prompt, to the
letter: quotes need not be balanced, braces and dollars mean nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = [
    "Ask",
    "Command",
    "MagicUsageError",
    "Order",
    "parse_cell",
    "parse_line",
    "wants_to_wait",
]

Order: TypeAlias = Literal["status", "stop", "new"]

_WORD: Final = r"(?:\"[^\"]*\"|'[^']*'|\S+)"
_OPTION: Final = re.compile(
    rf"(?P<flag>--wait|--new|--awaited)(?=\s|$)"
    rf"|--model(?:=|\s+)(?P<model>{_WORD})"
    rf"|(?:-o|--out)(?:=|\s+)(?P<out>{_WORD})"
    r"|(?P<end>--)(?=\s|$)"
    r"|(?P<unknown>--[A-Za-z]\S*|-o(?=\s|$))"
)


class MagicUsageError(ValueError):
    """The line behind the magic cannot be understood; the text says why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A prompt and how to ask it.

    Attributes:
        prompt: To the letter.
        model: Name or id of a model config; None is the chat's own.
        is_new: Begin a new chat with it.
        wait: The cell is done when the answer is.
        out: Name that the reply gets in the user's namespace, beside `_chat`.
        is_awaited: The cell itself waits; our input transformer wrote it so.
    """

    prompt: str
    model: str | None = None
    is_new: bool = False
    wait: bool = False
    out: str | None = None
    is_awaited: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """Something other than a prompt."""

    order: Order


def parse_line(line: str) -> Ask | Command:
    """Read what follows `%chat`.

    A word of command is one only when it stands alone: `stop` stops, `stop the leak`
    is a prompt.

    Raises:
        MagicUsageError: An option is unknown or has no value.
    """
    match line.strip():
        case "":
            return Command("status")
        case "stop" | "new" as order:
            return Command(order)
        case _:
            return _ask(line, None)


def parse_cell(line: str, body: str) -> Ask:
    """Read what follows `%%chat` on its line, and the cell below it.

    Words behind the options are the first line of the prompt.

    Raises:
        MagicUsageError: An option is unknown or has no value.
    """
    return _ask(line, body)


def wants_to_wait(line: str) -> bool:
    """The options say `--wait`; a line that cannot be understood does not."""
    try:
        return _ask(line, None).wait
    except MagicUsageError:
        return False


def _ask(line: str, body: str | None) -> Ask:
    model = out = None
    flags: set[str] = set()
    rest = line.lstrip()
    while option := _OPTION.match(rest):
        rest = rest[option.end() :].lstrip()
        if option["unknown"]:
            raise MagicUsageError(_unknown(option["unknown"]))
        if option["end"]:
            break
        flags.add(option["flag"])
        model = _unquoted(option["model"]) or model
        out = _name(_unquoted(option["out"])) or out
    if body is not None:
        rest = f"{rest.rstrip()}\n{body}" if rest.strip() else body
    return Ask(
        prompt=rest.strip(),
        model=model,
        is_new="--new" in flags,
        wait="--wait" in flags,
        out=out,
        is_awaited="--awaited" in flags,
    )


def _unknown(option: str) -> str:
    word = option.partition("=")[0]
    if word in ("--model", "--out", "-o"):
        return f"{word} needs a name behind it."
    return (
        f"There is no option {word!r}. Options are --model NAME, --new, --wait and "
        "-o NAME. Put -- in front of a prompt that begins with dashes."
    )


def _unquoted(word: str | None) -> str | None:
    return word.strip("\"'") if word else None


def _name(word: str | None) -> str | None:
    if word is not None and not word.isidentifier():
        raise MagicUsageError(f"{word!r} cannot be the name of a variable.")
    return word
