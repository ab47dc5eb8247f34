"""`coderchat users`: who may use a chat server."""

from __future__ import annotations

import argparse
import json
from functools import partial
from typing import TYPE_CHECKING, Final

from coderchat_jupyter._console import (
    add_database,
    check_name,
    run_on_database,
)

if TYPE_CHECKING:
    from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = ["register"]

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
    add_database(add)
    add.set_defaults(run=_add)


def _add(arguments: argparse.Namespace) -> int:
    return run_on_database(arguments, partial(_added, arguments))


async def _added(arguments: argparse.Namespace, database: DatabaseAddress) -> None:
    from coderchat_jupyter.server.accounts import add_account

    check_name(arguments.name, "user", _MAX_NAME)
    account = await add_account(database, arguments.name, is_admin=arguments.admin)
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
