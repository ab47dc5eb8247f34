"""`coderchat export`: chats out of a server's database, into a file or a pipe."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from coderchat_jupyter._console import CommandError, add_database, run_on_database
from coderchat_jupyter._export_markdown import markdown_of
from coderchat_jupyter._progress import Progress

if TYPE_CHECKING:
    from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = ["register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `export` to the commands."""
    parser = commands.add_parser(
        "export",
        help="write chats with their messages and costs",
        description="Write chats with their messages and costs. Works while the "
        "server runs. Files of a chat are named, their bytes are not written.",
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("chat", metavar="CHAT", nargs="?", help="the id of a chat")
    which.add_argument(
        "--all", action="store_true", help="every chat, subagents and archived included"
    )
    parser.add_argument("--user", metavar="NAME", help="only what this user owns")
    parser.add_argument(
        "--format",
        choices=["json", "markdown"],
        default="json",
        help="exact and whole (default), or to be read",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write this file, readable by you alone, instead of standard output",
    )
    add_database(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return run_on_database(arguments, partial(_written, arguments), must_exist=True)


async def _written(arguments: argparse.Namespace, database: DatabaseAddress) -> None:
    from coderchat_jupyter.server.exports import ExportError, exported

    try:
        async with aclosing(exported(database, arguments.chat, arguments.user)) as all_:
            with _target(arguments.out) as file:
                write = (
                    _Markdown(file) if arguments.format == "markdown" else _Json(file)
                )
                with Progress(file, sys.stderr) as progress:
                    async for chat in all_:
                        write.chat(chat)
                        progress.step()
                write.end()
    except ExportError as error:
        raise CommandError(str(error)) from None
    except BrokenPipeError:
        # Who reads has enough. What is still buffered must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CommandError("nobody reads the rest") from None


class _Json:
    """One object: `version`, and `chats`, written as they come."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        # A terminal would obey some characters that JSON does not escape.
        self._is_ascii = file.isatty()
        self._count = 0

    def chat(self, chat: dict[str, Any]) -> None:
        before = ",\n" if self._count else '{"version": 1, "chats": [\n'
        self._file.write(before + json.dumps(chat, ensure_ascii=self._is_ascii))
        self._count += 1

    def end(self) -> None:
        empty = "" if self._count else '{"version": 1, "chats": ['
        self._file.write(f"{empty}\n]}}\n")
        self._file.flush()


class _Markdown:
    """One chat after the other, a rule between them."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._rule = ""

    def chat(self, chat: dict[str, Any]) -> None:
        self._file.write(self._rule + markdown_of(chat))
        self._rule = "\n---\n\n"

    def end(self) -> None:
        self._file.flush()


@contextmanager
def _target(path: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that is there whole or not at all."""
    if path is None:
        # Half a surrogate pair is no text that could be written.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")
        yield sys.stdout
        return
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        # The name of the draft would say nothing to anybody.
        raise CommandError(f"cannot write {str(path)!r}: {error.strerror}") from None
    draft = Path(name)  # mkstemp makes it readable by its owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
