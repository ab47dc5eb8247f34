"""What commands that work on a server's database have in common."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import re
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import SecretStr

    from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = [
    "CommandError",
    "add_database",
    "add_key_source",
    "check_name",
    "key_of",
    "reason_of",
    "run_on_database",
]

_NAME: Final = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


class CommandError(Exception):
    """The command cannot do what is asked; its text is the line that says why."""


def check_name(name: str, noun: str, longest: int) -> None:
    """Refuse what is no name.

    Args:
        name: As it was typed.
        noun: Of what it should be the name.
        longest: How many characters it may have.

    Raises:
        CommandError: It is none.
    """
    if _NAME.fullmatch(name) is None or len(name) > longest:
        raise CommandError(
            f"{name!r} is no {noun} name: use letters, digits and single hyphens, "
            f"at most {longest}"
        )


def add_database(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which database it works on."""
    parser.add_argument(
        "--database",
        metavar="URL",
        help="the database of the server, as it is given to `coderchat serve` "
        "(default: the one that uses)",
    )
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="what seals the keys of providers in a Postgres database, as it is given "
        "to `coderchat serve`",
    )


def add_key_source(parser: argparse.ArgumentParser) -> None:
    """Let a command be given an API key, but never as an argument."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--key-stdin",
        action="store_true",
        help="read its API key from standard input; a terminal is asked without echo",
    )
    source.add_argument(
        "--api-key-file", type=Path, metavar="FILE", help="read its API key from a file"
    )


def key_of(arguments: argparse.Namespace) -> SecretStr | None:
    """The one line that is the key, if there is to be one.

    Args:
        arguments: With those of `add_key_source`.

    Raises:
        CommandError: It is no line of text.
    """
    from pydantic import SecretStr

    try:
        if arguments.api_key_file is not None:
            text = arguments.api_key_file.read_text(encoding="utf-8")
        elif not arguments.key_stdin:
            return None
        elif sys.stdin.isatty():
            text = getpass.getpass("API key: ")
        else:
            text = sys.stdin.read()
    except UnicodeDecodeError:
        raise CommandError("the API key is not text") from None
    key = text.rstrip("\r\n")
    if not key.isprintable():
        raise CommandError("the API key must be one line of text")
    return SecretStr(key)


def run_on_database(
    arguments: argparse.Namespace,
    work: Callable[[DatabaseAddress], Coroutine[Any, Any, None]],
    *,
    must_exist: bool = False,
) -> int:
    """Do something with the database that was named; the exit status.

    Args:
        arguments: With those of `add_database`.
        work: What is done. A `CommandError` of it is told in a line.
        must_exist: Refuse a SQLite file that is missing, and not make it.
    """
    from coderchat_jupyter.server.accounts import DATABASE_ERRORS, database_of

    try:
        database = database_of(arguments.database, arguments.key_file)
        if must_exist and isinstance(database, Path) and not database.exists():
            raise CommandError(f"there is no database {str(database)!r}")
        asyncio.run(work(database))
    except (CommandError, *DATABASE_ERRORS) as error:
        return refuse(reason_of(error))
    return 0


def reason_of(error: Exception) -> str:
    """Why something failed, without the number that the system gives to a failure."""
    if isinstance(error, OSError) and error.strerror:
        named = f"cannot use {str(error.filename)!r}: " if error.filename else ""
        return f"{named}{error.strerror}"
    return str(error)


def refuse(text: str) -> int:
    """Say in a line why not; the exit status."""
    print(f"coderchat: {' '.join(text.split())}", file=sys.stderr)
    return 1
