"""`coderchat providers`: whose models a chat server asks."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from coderchat_jupyter._console import (
    add_database,
    add_json,
    add_key_source,
    key_of,
    run_on_database,
    show,
)

if TYPE_CHECKING:
    from coderchat_jupyter.server.storage.addresses import DatabaseAddress
    from coderchat_jupyter.wire.providers import AIProvider

__all__ = ["register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `providers` to the commands."""
    parser = commands.add_parser(
        "providers", help="list, add and remove the AI providers of a chat server"
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    shown = actions.add_parser("list", help="list the providers, their keys masked")
    shown.set_defaults(run=_list)

    add = actions.add_parser(
        "add",
        help="add a provider",
        description="Add a provider. Works while the server runs and before it ever "
        "ran. A key is never an argument, where others could see it; it is stored "
        "encrypted.",
    )
    add.add_argument("type", metavar="TYPE", help="openai, anthropic, openai-compat, …")
    add.add_argument("name", metavar="NAME", help="lower-case letters, digits, hyphens")
    add.add_argument("--base-url", metavar="URL", default="", help="of its API")
    add_key_source(add)
    add.set_defaults(run=_add)

    remove = actions.add_parser("remove", help="remove a provider, destroy its keys")
    remove.add_argument("name", metavar="NAME", help="its name or id")
    remove.set_defaults(run=_remove)

    add_json(shown, add)
    add_database(shown, add, remove)


def _list(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.provider_accounts import list_providers

        found = await list_providers(database)
        show(found, map(_row, found), as_json=arguments.json)

    return run_on_database(arguments, work, must_exist=True)


def _add(arguments: argparse.Namespace) -> int:
    return run_on_database(arguments, partial(_added, arguments))


async def _added(arguments: argparse.Namespace, database: DatabaseAddress) -> None:
    from coderchat_jupyter.server.provider_accounts import add_provider

    provider = await add_provider(
        database,
        kind=arguments.type,
        name=arguments.name,
        base_url=arguments.base_url,
        key=key_of(arguments),
    )
    show(provider, [_row(provider)], as_json=arguments.json)


def _remove(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.provider_accounts import remove_provider

        await remove_provider(database, arguments.name)

    return run_on_database(arguments, work, must_exist=True)


def _row(provider: AIProvider) -> list[str]:
    keys = ", ".join(key.masked for key in provider.api_keys) or "no key"
    facts = [provider.name, provider.type, provider.base_url, keys]
    if not provider.enabled:
        facts.append("disabled")
    return facts
