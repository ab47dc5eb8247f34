"""`coderchat providers`: whose models a chat server asks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from coderchat_jupyter._console import (
    CommandError,
    add_database,
    add_key_source,
    key_of,
    run_on_database,
)
from coderchat_jupyter.bridge._clean import strip_controls

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

    for action in (shown, add):
        action.add_argument("--json", action="store_true", help="print JSON")
    for action in (shown, add, remove):
        add_database(action)


def _list(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.provider_accounts import list_providers

        found = await list_providers(database)
        if arguments.json:
            print(json.dumps([_facts(provider) for provider in found]))
        else:
            _print_rows(found)

    return run_on_database(arguments, work, must_exist=True)


def _add(arguments: argparse.Namespace) -> int:
    return run_on_database(arguments, partial(_added, arguments))


async def _added(arguments: argparse.Namespace, database: DatabaseAddress) -> None:
    from coderchat_jupyter.server.provider_accounts import ProviderError, add_provider

    try:
        provider = await add_provider(
            database,
            kind=arguments.type,
            name=arguments.name,
            base_url=arguments.base_url,
            key=key_of(arguments),
        )
    except ProviderError as error:
        raise CommandError(str(error)) from None
    if arguments.json:
        print(json.dumps(_facts(provider)))
    else:
        _print_rows([provider])


def _remove(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server import provider_accounts

        try:
            await provider_accounts.remove_provider(database, arguments.name)
        except provider_accounts.ProviderError as error:
            raise CommandError(str(error)) from None

    return run_on_database(arguments, work, must_exist=True)


def _facts(provider: AIProvider) -> object:
    from coderchat_jupyter.wire._go import dumps

    # As the API tells it. By way of its own encoder, then as plain ASCII.
    return json.loads(dumps(provider))


def _print_rows(found: Iterable[AIProvider]) -> None:
    for provider in found:
        keys = ", ".join(key.masked for key in provider.api_keys) or "no key"
        facts = [provider.name, provider.type, provider.base_url, keys]
        if not provider.enabled:
            facts.append("disabled")
        print("\t".join(" ".join(strip_controls(fact).split()) for fact in facts))
