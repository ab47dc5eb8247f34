"""`coderchat groups`: users who share chats and limits."""

from __future__ import annotations

import argparse
import json
from functools import partial
from typing import TYPE_CHECKING, Final

from coderchat_jupyter._console import (
    add_database,
    add_json,
    check_name,
    run_on_database,
)
from coderchat_jupyter.bridge._clean import strip_controls

if TYPE_CHECKING:
    from coderchat_jupyter.server.group_accounts import Membership
    from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = ["register"]

_MAX_NAME: Final = 36


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `groups` to the commands."""
    parser = commands.add_parser(
        "groups",
        help="create, list and delete groups of users of a chat server",
        description="Groups of users: a chat may be shared with one, and its members "
        "may have a usage limit. All users together are the group Everyone.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    create = actions.add_parser("create", help="create a group without members")
    create.add_argument(
        "group", metavar="GROUP", help="letters, digits and single hyphens"
    )
    create.add_argument(
        "--display-name", metavar="TEXT", default="", help="how people call it"
    )
    create.set_defaults(run=_create)

    shown = actions.add_parser("list", help="list the groups and who is in them")
    shown.set_defaults(run=_list)

    delete = actions.add_parser("delete", help="delete a group; its members stay users")
    delete.add_argument("group", metavar="GROUP", help="its name or id")
    delete.set_defaults(run=_delete)

    add = actions.add_parser("add", help="add users to a group")
    add.set_defaults(run=partial(_change, joining=True))
    remove = actions.add_parser("remove", help="remove users from a group")
    remove.set_defaults(run=partial(_change, joining=False))
    for action in (add, remove):
        action.add_argument("group", metavar="GROUP", help="its name or id")
        action.add_argument("users", metavar="USER", nargs="+", help="names or ids")

    add_json(create, shown, add, remove)
    add_database(create, shown, delete, add, remove)


def _create(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.group_accounts import create_group

        check_name(arguments.group, "group", _MAX_NAME)
        made = await create_group(database, arguments.group, arguments.display_name)
        _tell(made, as_json=arguments.json)

    return run_on_database(arguments, work)


def _list(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.group_accounts import list_groups

        found = await list_groups(database)
        if arguments.json:
            print(json.dumps([_facts(one) for one in found]))
        else:
            for one in found:
                print(_line(one))

    return run_on_database(arguments, work, must_exist=True)


def _delete(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.group_accounts import delete_group

        await delete_group(database, arguments.group)

    return run_on_database(arguments, work, must_exist=True)


def _change(arguments: argparse.Namespace, *, joining: bool) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.group_accounts import change_members

        changed = await change_members(
            database, arguments.group, arguments.users, joining=joining
        )
        _tell(changed, as_json=arguments.json)

    return run_on_database(arguments, work, must_exist=True)


def _tell(one: Membership, *, as_json: bool) -> None:
    print(json.dumps(_facts(one)) if as_json else _line(one))


def _facts(one: Membership) -> dict[str, object]:
    return {
        "id": one.group.id,
        "name": one.group.name,
        "display_name": one.group.display_name,
        "organization_id": one.group.organization_id,
        "members": list(one.usernames),
    }


def _line(one: Membership) -> str:
    who = ", ".join(one.usernames) or "nobody"
    shown = strip_controls(one.group.display_name)
    title = f" ({shown})" if shown else ""
    return f"{one.group.name}{title}: {who}"
