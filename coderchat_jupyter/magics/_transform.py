"""Keeps IPython from reading a prompt as Python.

Without this, `%chat why is it slow?` asks for help on `slow`, an empty `%%chat` is
answered with advice about another magic, and no cell magic can be awaited.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Sequence
from typing import Final

from coderchat_jupyter.magics._arguments import wants_to_wait

__all__ = ["PromptTransform"]

_ESCAPED: Final = re.compile(r"\s*[%!]")

# Keeps the reply that comes back from being shown below the answer itself. A
# semicolon would do the same, but only in cells that the shell's history keeps.
_UNSEEN: Final = "and None"


class PromptTransform:
    """An input transformer for one magic name: source lines in, source lines out.

    Leaves alone what is no statement of its own (text in a string that happens to
    begin with the magic's name) and the magic's own help, `%chat?`.
    """

    # IPython asks its transformers whether a cell is complete, too. There it must
    # see the cell magic itself, or a terminal would not let one type the body.
    has_side_effects = True

    def __init__(self, name: str, can_await: Callable[[], bool]) -> None:
        self._name = name
        self._can_await = can_await
        self._cell = re.compile(rf"%%{name}(?=\s|$)")
        lead = r"(?P<lead>[ \t]*(?:[A-Za-z_]\w*[ \t]*=[ \t]*)?)"
        self._line = re.compile(rf"{lead}%{name}[ \t]+(?P<prompt>.*)")

    def __call__(self, lines: list[str]) -> list[str]:
        """Rewrite the lines of one cell."""
        if lines and self._cell.match(lines[0]):
            return [self._rewrite_cell(lines)]
        if not any(f"%{self._name}" in line for line in lines):
            return lines
        done: list[str] = []
        for line in lines:
            found = self._line.fullmatch(line.rstrip("\r\n"))
            done.append(
                self._rewrite_line(found) if found and _is_statement(done) else line
            )
        return done

    def _rewrite_cell(self, lines: Sequence[str]) -> str:
        options = lines[0].rstrip("\r\n")[2 + len(self._name) :].strip()
        # Never empty: IPython refuses a cell magic without a body before we see it.
        body = "".join(lines[1:]) or "\n"
        is_awaited = self._can_await() and wants_to_wait(options)
        if is_awaited:
            options = f"--awaited {options}"
        call = f"run_cell_magic({self._name!r}, {options!r}, {body!r})"
        return f"{'await ' if is_awaited else ''}get_ipython().{call} {_UNSEEN}\n"

    def _rewrite_line(self, found: re.Match[str]) -> str:
        call = f"run_line_magic({self._name!r}, {found['prompt']!r})"
        unseen = "" if "=" in found["lead"] else f" {_UNSEEN}"
        return f"{found['lead']}get_ipython().{call}{unseen}\n"


def _is_statement(before: Sequence[str]) -> bool:
    """The next line begins a statement: no string or bracket above it is open."""
    if not before:
        return True
    plain = ["pass\n" if _ESCAPED.match(line) else line for line in before]
    if plain[-1].rstrip("\r\n").endswith("\\"):
        return False
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO("".join(plain)).readline):
            if token.type == tokenize.OP:
                depth += (token.string in "([{") - (token.string in ")]}")
    except tokenize.TokenError:
        return False
    except SyntaxError:  # odd indentation: the lines above are wrong in any reading
        return True
    return depth <= 0
