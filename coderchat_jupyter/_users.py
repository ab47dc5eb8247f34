"""`coderchat users`: who may use a chat server."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from typing import Final

__all__ = ["register"]

_NAME: Final = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_MAX_NAME: Final = 32


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `users` to the commands."""
    parser = commands.add_parser("users", help="add users to a chat server")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser(
        "add",
        help="add a user and print the session token, which is told only once",
        description="Add a user. Works while the server runs and before it ever ran.",
    )
    add.add_argument("name", metavar="NAME", help="letters, digits and single hyphens")
    add.add_argument(
        "--admin", action="store_true", help="may change providers and models"
    )
    add.add_argument(
        "--json", action="store_true", help="print one JSON object: id, token, ..."
    )
    add.add_argument(
        "--database",
        metavar="URL",
        help="the database of the server, as it is given to `coderchat serve` "
        "(default: the one that uses)",
    )
    add.set_defaults(run=_add)


def _add(arguments: argparse.Namespace) -> int:
    name = arguments.name
    if _NAME.fullmatch(name) is None or len(name) > _MAX_NAME:
        return _refuse(
            f"{name!r} is no user name: use letters, digits and single hyphens, "
            f"at most {_MAX_NAME}"
        )
    from coderchat_jupyter.server.accounts import (
        UserExistsError,
        add_account,
        database_of,
    )
    from coderchat_jupyter.server.storage.addresses import DatabaseUrlError
    from coderchat_jupyter.server.storage.migrate import NewerDatabaseError

    try:
        database = database_of(arguments.database)
        account = asyncio.run(add_account(database, name, is_admin=arguments.admin))
    except (DatabaseUrlError, NewerDatabaseError, OSError, UserExistsError) as error:
        return _refuse(str(error))
    facts = {
        "id": account.user.id,
        "username": account.user.username,
        "organization_id": account.user.organization_ids[0],
        "token": account.token.get_secret_value(),
    }
    if arguments.json:
        print(json.dumps(facts))
    else:
        print(f"id:    {facts['id']}")
        print(f"token: {facts['token']}")
    return 0


def _refuse(text: str) -> int:
    print(f"coderchat: {text}", file=sys.stderr)
    return 1
