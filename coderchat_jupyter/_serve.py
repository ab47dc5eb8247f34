"""`coderchat serve`: the chat server, until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from coderchat_jupyter._console import CommandError, reason_of
from coderchat_jupyter._serve_options import add_options

if TYPE_CHECKING:
    import socket

    from coderchat_jupyter.server.logs import LogFormat
    from coderchat_jupyter.server.run import ChatServer
    from coderchat_jupyter.server.settings import ServerSettings

__all__ = ["register"]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `serve` to the commands."""
    parser = commands.add_parser(
        "serve",
        help="run the chat server",
        description="Run the chat server until it is stopped. The first line printed "
        "is its address. Users are made with `coderchat users add`.",
    )
    add_options(parser)
    parser.set_defaults(run=_run)


def _check_files(arguments: argparse.Namespace) -> None:
    """Refuse what would only be found out later, or never.

    Raises:
        CommandError: A file cannot be what it is said to be.
    """
    if arguments.token_file is not None:
        folder = arguments.token_file.absolute().parent
        if arguments.token_file.is_dir() or not folder.is_dir():
            raise CommandError(
                f"no token file can be written at {str(arguments.token_file)!r}"
            )
    # A pipe says something once, to who reads it for an answer.
    if arguments.scripted is not None and not arguments.scripted.is_fifo():
        from coderchat_jupyter.server.providers._protocol import ProviderError
        from coderchat_jupyter.server.providers._script import load_script

        try:
            load_script(arguments.scripted.absolute().as_uri())
        except ProviderError as error:
            raise CommandError(str(error)) from None


def _run(arguments: argparse.Namespace) -> int:
    missing = _missing_library()
    if missing:
        return _refuse(
            f"the server needs {missing!r}: pip install 'coderchat-jupyter[server]'"
        )
    from coderchat_jupyter.server.logs import set_up

    set_up(arguments.log_format)
    if arguments.embedded:
        return _run_embedded(arguments)
    if arguments.speak == "g0" and arguments.strict_g1:
        return _refuse("--speak g0 and --strict-g1 exclude each other")

    from coderchat_jupyter.server.accounts import DATABASE_ERRORS, database_of
    from coderchat_jupyter.server.app import create_app
    from coderchat_jupyter.server.run import ChatServer, listen
    from coderchat_jupyter.server.settings import ServerSettings

    try:
        _check_files(arguments)
        database = database_of(arguments.database, arguments.key_file)
        listener = listen(arguments.host, arguments.port)
    except (CommandError, *DATABASE_ERRORS) as error:
        return _refuse(reason_of(error), arguments.log_format)
    url = _url(arguments.host, listener)
    settings = ServerSettings(
        database=database,
        is_held=True,
        strict_g1=arguments.strict_g1,
        speak=arguments.speak,
        silence=arguments.silence,
        silence_seconds=arguments.silence_seconds,
        stale_seconds=arguments.stale_seconds,
        action_seconds=arguments.action_seconds,
        loopback_only=_is_loopback(arguments.host),
        external_url=url,
        allow_user_keys=not arguments.no_user_keys,
        force_debug=arguments.debug_logging,
        log_requests=arguments.log_format == "json",
        api_rate_limit=arguments.api_rate_limit,
        files_rate_limit=arguments.files_rate_limit,
    )
    server = ChatServer(create_app(settings))
    with listener, server.capture_signals():
        try:
            asyncio.run(_serve(arguments, settings, server, listener))
        except DATABASE_ERRORS as error:
            return _refuse(reason_of(error), arguments.log_format)
    return 0 if server.started else 1


async def _serve(
    arguments: argparse.Namespace,
    settings: ServerSettings,
    server: ChatServer,
    listener: socket.socket,
) -> None:
    from coderchat_jupyter.server.accounts import admin_token, prepare, seed_scripted
    from coderchat_jupyter.server.storage.hold import held

    # From before anything is announced: here it can still be said in a line.
    async with held(settings.database):
        await prepare(settings.database)
        if arguments.token_file:
            token = await admin_token(settings.database)
            _write_private(arguments.token_file, token.get_secret_value())
        if arguments.scripted:
            script = arguments.scripted.absolute()
            await seed_scripted(settings.database, script.as_uri())
        # The socket listens already: who connects now is answered once it is ready.
        print(settings.external_url, flush=True)
        await server.run_on(listener)


def _run_embedded(arguments: argparse.Namespace) -> int:
    from coderchat_jupyter.server.embed import DEFAULT_IDLE_SECONDS, run_embedded

    idle = arguments.idle_seconds
    return int(
        run_embedded(
            arguments.data_dir,
            arguments.runtime_dir,
            idle_seconds=DEFAULT_IDLE_SECONDS if idle is None else idle,
        )
    )


def _missing_library() -> str:
    from importlib.util import find_spec

    wanted = ("starlette", "uvicorn", "sqlalchemy", "alembic", "aiosqlite")
    return next((name for name in wanted if find_spec(name) is None), "")


def _url(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return (
        f"http://[{shown}]:{port}"
        if ":" in shown and "[" not in shown
        else (f"http://{shown}:{port}")
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")


def _refuse(text: str, log_format: LogFormat = "text") -> int:
    if log_format == "json":
        logging.getLogger(__name__).error("%s", text)
    else:
        print(f"coderchat: {text}", file=sys.stderr)
    return 1
