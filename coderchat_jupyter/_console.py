"""What commands that work on a server's database have in common."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = ["CommandError", "add_database", "refuse", "run_on_database"]


class CommandError(Exception):
    """The command cannot do what is asked; its text is the line that says why."""


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
        return refuse(str(error))
    return 0


def refuse(text: str) -> int:
    """Say in a line why not; the exit status."""
    print(f"coderchat: {' '.join(text.split())}", file=sys.stderr)
    return 1
