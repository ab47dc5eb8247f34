"""What commands that work on a server's database have in common."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import re
import sys
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from coderchat_jupyter.bridge._clean import strip_controls

if TYPE_CHECKING:
    from pydantic import SecretStr

    from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = [
    "CommandError",
    "add_database",
    "add_json",
    "add_key_source",
    "check_name",
    "key_of",
    "reason_of",
    "refuse",
    "run_on_database",
    "show",
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


def add_database(*parsers: argparse.ArgumentParser) -> None:
    """Let commands be told which database they work on."""
    for parser in parsers:
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
            help="what seals the keys of providers in a Postgres database, as it is "
            "given to `coderchat serve`",
        )


def add_json(*parsers: argparse.ArgumentParser) -> None:
    """Let commands print for programs instead of people."""
    for parser in parsers:
        parser.add_argument("--json", action="store_true", help="print JSON")


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
        work: What is done. A `CommandError` of it is told in a line, and so is what
            cannot be set up.
        must_exist: Refuse a SQLite file that is missing, and not make it.
    """
    from coderchat_jupyter.server.accounts import (
        DATABASE_ERRORS,
        AccountError,
        database_of,
    )

    try:
        database = database_of(arguments.database, arguments.key_file)
        if must_exist and isinstance(database, Path) and not database.exists():
            raise CommandError(f"there is no database {str(database)!r}")
        asyncio.run(work(database))
    except (AccountError, CommandError, *DATABASE_ERRORS) as error:
        return refuse(reason_of(error))
    return 0


def show(found: object, rows: Iterable[Iterable[str]], *, as_json: bool) -> None:
    """Print what was found.

    Args:
        found: What `wire` can encode, for programs: told as the API tells it.
        rows: The same for people, a line each, its facts apart by tabs.
        as_json: For programs.
    """
    if as_json:
        from coderchat_jupyter.wire._go import dumps

        # By way of the API's own encoder, then as plain ASCII.
        print(json.dumps(json.loads(dumps(found))))
        return
    for row in rows:
        print("\t".join(" ".join(strip_controls(fact).split()) for fact in row))


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
