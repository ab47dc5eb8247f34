"""`coderchat mcp`: which other servers lend tools to the chats of a chat server."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from coderchat_jupyter._console import (
    CommandError,
    add_database,
    add_json,
    add_key_source,
    key_of,
    run_on_database,
    show,
)

if TYPE_CHECKING:
    from coderchat_jupyter.server.storage.addresses import DatabaseAddress
    from coderchat_jupyter.wire.mcp import McpServer

__all__ = ["register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `mcp` to the commands."""
    parser = commands.add_parser(
        "mcp", help="list, add and remove the tool servers (MCP) of a chat server"
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    shown = actions.add_parser("list", help="list the servers, without their secrets")
    shown.set_defaults(run=_list)

    add = actions.add_parser(
        "add",
        help="add a server",
        description="Add a server that speaks the Model Context Protocol over HTTP. "
        "Works while the chat server runs and before it ever ran. A key is never an "
        "argument, where others could see it; it is stored encrypted.",
    )
    add.add_argument(
        "slug", metavar="SLUG", help="what the names of its tools begin with"
    )
    add.add_argument("url", metavar="URL", help="where it is")
    add.add_argument("--name", default="", help="what people call it (default: SLUG)")
    add.add_argument(
        "--transport",
        choices=("streamable_http", "sse"),
        default="streamable_http",
        help="how it is spoken to (default: streamable_http)",
    )
    add.add_argument(
        "--availability",
        choices=("force_on", "default_on", "default_off"),
        default="default_off",
        help="force_on: every chat has its tools; else those that choose it "
        "(default: default_off)",
    )
    add.add_argument(
        "--api-key-header",
        metavar="HEADER",
        default="",
        help="the header that carries the key, which is sent as it is given",
    )
    add_key_source(add)
    for flag, what in (("allow", "the only tools"), ("deny", "tools not")):
        add.add_argument(
            f"--{flag}-tool",
            metavar="TOOL",
            action="append",
            default=[],
            help=f"{what} to be used; may be given again",
        )
    add.add_argument(
        "--allow-in-plan-mode", action="store_true", help="lend its tools there, too"
    )
    add.set_defaults(run=_add)

    remove = actions.add_parser("remove", help="remove a server, destroy its secrets")
    remove.add_argument("slug", metavar="SLUG", help="its slug or id")
    remove.set_defaults(run=_remove)

    add_json(shown, add)
    add_database(shown, add, remove)


def _list(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.mcp_accounts import list_servers

        found = await list_servers(database)
        show(found, map(_row, found), as_json=arguments.json)

    return run_on_database(arguments, work, must_exist=True)


def _add(arguments: argparse.Namespace) -> int:
    return run_on_database(arguments, partial(_added, arguments))


async def _added(arguments: argparse.Namespace, database: DatabaseAddress) -> None:
    from coderchat_jupyter.server.mcp_accounts import add_server

    key = key_of(arguments)
    if (key is None) != (not arguments.api_key_header):
        raise CommandError("--api-key-header and a key belong together")
    server = await add_server(
        database,
        {
            "slug": arguments.slug,
            "display_name": arguments.name or arguments.slug,
            "url": arguments.url,
            "transport": arguments.transport,
            "availability": arguments.availability,
            "auth_type": "none" if key is None else "api_key",
            "api_key_header": arguments.api_key_header,
            "tool_allow_list": arguments.allow_tool,
            "tool_deny_list": arguments.deny_tool,
            "allow_in_plan_mode": arguments.allow_in_plan_mode,
        },
        key=key,
    )
    show(server, [_row(server)], as_json=arguments.json)


def _remove(arguments: argparse.Namespace) -> int:
    async def work(database: DatabaseAddress) -> None:
        from coderchat_jupyter.server.mcp_accounts import remove_server

        await remove_server(database, arguments.slug)

    return run_on_database(arguments, work, must_exist=True)


def _row(server: McpServer) -> list[str]:
    facts = [server.slug, server.transport, server.url, server.availability]
    if server.has_api_key or server.has_custom_headers:
        facts.append("with a secret")
    if not server.enabled:
        facts.append("disabled")
    return facts
