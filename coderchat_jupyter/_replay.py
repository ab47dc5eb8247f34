"""`coderchat replay FILE`: read a recorded chat in a terminal, in its own time."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from typing import Final

from coderchat_jupyter.bridge._clean import strip_controls
from coderchat_jupyter.errors import RecordingError
from coderchat_jupyter.session._recording import LinkPhase
from coderchat_jupyter.session._replay import Record, Replay
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.preview import TextBlock, ToolBlock
from coderchat_jupyter.state.select import message_text
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.parts import ToolCallPart, ToolResultPart

__all__ = ["Printer", "register"]

_LONGEST: Final = 200
"""Characters of a tool's arguments or result that are shown."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `replay` to the commands."""
    parser = commands.add_parser(
        "replay",
        help="read a recorded chat again, in its own time",
        description="Read a chat that `session.record(FILE)` has written.",
    )
    parser.add_argument("file", metavar="FILE", help="a recording")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="how many times as fast as it was",
    )
    pace.add_argument(
        "--at-once",
        dest="speed",
        action="store_const",
        const=None,
        help="without waiting",
    )
    parser.set_defaults(run=_run)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError("it has to be above zero")
    return speed


def _run(arguments: argparse.Namespace) -> int:
    try:
        replay = Replay.read(arguments.file)
    except RecordingError as error:
        print(strip_controls(str(error)), file=sys.stderr)
        return 1
    try:
        _show(replay, arguments.speed)
    except BrokenPipeError:
        # Who reads has enough. What is still buffered must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _show(replay: Replay, speed: float | None) -> None:
    header = replay.header
    server = f", server {header.server}" if header.server else ""
    _write(f"Chat {header.chat_id}, recorded {header.recorded_at}{server}\n")
    printer = Printer(_write)
    final = asyncio.run(replay.play(printer.show, speed=speed))
    printer.end(final)
    if replay.is_truncated:
        _write("\nThe recording breaks off here: its last line was not finished.\n")


def _write(text: str) -> None:
    # A model's text may steer a terminal; an escape that is cut in two loses its
    # first half at least, and is text from then on.
    sys.stdout.write(strip_controls(text).encode("utf-8", "replace").decode())
    sys.stdout.flush()


class Printer:
    """Writes what is new in each state of a chat.

    Args:
        write: Takes text as it came; it has to make it safe.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self._put = write
        self._known: dict[int, Message] = {}
        self._written = ""
        self._calls: set[str] = set()
        self._told = ""
        self._was_live = False

    def show(self, record: Record, state: ChatState) -> None:
        """Write what a record has brought."""
        if isinstance(record.step, LinkPhase):
            self._link(record.step)
            return
        for message in state.messages:
            if self._known.get(message.id) != message:
                self._message(message)
        gone = self._known.keys() - {message.id for message in state.messages}
        for message_id in sorted(gone):
            del self._known[message_id]
        if gone:
            self._note(f"{len(gone)} messages were taken back")
        self._preview(state)
        self._notices(state)

    def end(self, state: ChatState) -> None:
        """Write how it ended."""
        self._note(f"ended as {state.status or 'unknown'}")

    def _message(self, message: Message) -> None:
        is_known = message.id in self._known
        self._known[message.id] = message
        text = message_text(message)
        if is_known:
            self._note("a message was changed")
        if message.role == "user":
            self._line(f"> {text}".replace("\n", "\n> "))
        elif message.role == "assistant":
            rest = text.removeprefix(self._written)
            begun = self._written and text.startswith(self._written)
            self._put(rest if begun else self._fresh(text))
            self._written = ""
        for line in _tools(message, self._calls):
            self._line(line)

    def _preview(self, state: ChatState) -> None:
        blocks = state.preview.blocks
        text = "".join(str(b.text) for b in blocks if isinstance(b, TextBlock))
        if text.startswith(self._written):
            more = text[len(self._written) :]
            self._put(more if self._written else self._fresh(more))
        elif text:
            self._note("written anew")
            self._put(text)
        self._written = text
        for block in blocks:
            if not isinstance(block, ToolBlock) or not block.has_args:
                continue
            if block.tool_call_id not in self._calls:
                self._calls.add(block.tool_call_id)
                self._line(_call(block.tool_name, block.args))

    def _notices(self, state: ChatState) -> None:
        told = ""
        if state.retry is not None:
            told = f"asked again after: {state.retry.error}"
        elif state.error is not None:
            told = f"failed: {state.error.message}"
        elif state.status == "requires_action":
            told = "waits for the tools of its client"
        if told and told != self._told:
            self._note(told)
        self._told = told

    def _link(self, link: LinkPhase) -> None:
        if link.phase == "live" and self._was_live:
            self._note("connected again")
        elif link.phase in ("reconnecting", "failed"):
            self._note(f"connection {link.phase}")
        self._was_live = self._was_live or link.phase == "live"

    def _fresh(self, text: str) -> str:
        return f"\n{text}" if text else ""

    def _line(self, text: str) -> None:
        self._put(f"\n{text}\n")

    def _note(self, text: str) -> None:
        self._put(f"\n[{_short(text)}]\n")


def _tools(message: Message, calls: set[str]) -> Iterator[str]:
    for part in message.content:
        if isinstance(part, ToolCallPart) and part.tool_call_id not in calls:
            calls.add(part.tool_call_id)
            yield _call(part.tool_name, part.args)
        elif isinstance(part, ToolResultPart):
            sign = "failed" if part.is_error else "answered"
            yield f"  {part.tool_name} {sign}: {_short(part.result)}"


def _call(name: str, args: object) -> str:
    return f"  {name}({_short(args)})"


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
