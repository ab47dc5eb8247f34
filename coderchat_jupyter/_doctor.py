"""`coderchat doctor`: what is installed, where it would connect, what is missing."""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from coderchat_jupyter import config
from coderchat_jupyter.bridge._clean import strip_controls
from coderchat_jupyter.config import Deployment, Incomplete
from coderchat_jupyter.errors import CoderChatError, RecordingError
from coderchat_jupyter.wire.unknown import count_unknown

if TYPE_CHECKING:
    from coderchat_jupyter.client import Client

__all__ = ["register"]

# What a report of a fault should name, and the extra it comes with.
_PACKAGES: Final = {
    "coderchat-jupyter": "",
    "ipykernel": "",
    "ipywidgets": "",
    "anywidget": "",
    "jupyterlab": "lab",
    "starlette": "server",
    "sqlalchemy": "server",
    "pydantic-ai-slim": "server",
    "xllamacpp": "local",
    "pandas": "data",
}

# How many chats are looked at, and how many of them are read.
_CHATS: Final = 50
_READ: Final = 3

_PATIENCE: Final = 10.0
"""Seconds that a deployment may take to answer."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `doctor` to the commands."""
    parser = commands.add_parser(
        "doctor",
        help="say what is installed, where a chat would go, and what is missing",
        description="Say what is installed, where a chat would go, what is missing.",
    )
    parser.add_argument(
        "--recording",
        metavar="FILE",
        help="say what a recorded chat holds that this release does not know",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.recording is not None:
        return _recording(arguments.recording)
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    print(f"Python {platform.python_version()} on {system}")
    for line in _packages():
        print(line)
    settings = config.load()
    print(f"\ndata folder    {settings.data_dir}")
    print(f"runtime folder {settings.runtime_dir}\n")
    match settings.target:
        case Incomplete(reason=reason):
            print(reason)
            return 1
        case Deployment() as deployment:
            return _deployment(deployment)
        case None:
            return _own_server()


def _packages() -> Iterator[str]:
    for name, extra in _PACKAGES.items():
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            hint = f" (extra {extra!r})" if extra else ""
            yield f"{name} is not installed{hint}"


def _deployment(deployment: Deployment) -> int:
    """Ask the deployment who we are: address, token and network in one."""
    import asyncio

    from coderchat_jupyter.client import Client

    unknown: Mapping[str, int] = {}

    async def ask() -> str:
        nonlocal unknown
        async with Client(
            deployment.url, deployment.token, timeout=_PATIENCE
        ) as client:
            build, user = (
                await client.server.build_info(),
                await client.users.me(),
            )
            await _look_around(client)
            unknown = client.unknown
            return f"{user.username!r}, server version {build.version}"

    try:
        answer = asyncio.run(ask())
    except CoderChatError as error:
        print(f"Chats would go to {deployment.url}, but: {error}")
        return 1
    print(f"Chats go to {deployment.url} as {answer}.")
    _tell_unknown(unknown)
    return 0


async def _look_around(client: Client) -> None:
    """Have the server tell of models and chats; the client counts what is unknown."""
    with contextlib.suppress(CoderChatError):
        await client.models.list()
    with contextlib.suppress(CoderChatError):
        await client.model_configs.list()
    with contextlib.suppress(CoderChatError):
        for chat in (await client.chats.list(limit=_CHATS))[:_READ]:
            # By REST: a stream would mark the chat as read.
            await client.messages.list(chat.id)


def _tell_unknown(unknown: Mapping[str, int]) -> None:
    if not unknown:
        print("All that it says is known to this release.")
        return
    print("Unknown to this release, kept as it came (an update may know it):")
    for name, count in sorted(unknown.items()):
        print(f"  {count:>6} x {strip_controls(name)}")


def _recording(path: str) -> int:
    """Count what is unknown in a recorded chat."""
    from coderchat_jupyter.session import Replay

    try:
        replay = Replay.read(path)
    except RecordingError as error:
        print(strip_controls(str(error)), file=sys.stderr)
        return 1
    unknown: Counter[str] = Counter()
    for record in replay.records:
        # A step is what was told, fetched or sent, under whatever name.
        for value in (getattr(record.step, slot) for slot in record.step.__slots__):
            count_unknown(value, unknown)
    print(f"{len(replay.records)} records of chat {replay.header.chat_id}.")
    _tell_unknown(unknown)
    return 0


def _own_server() -> int:
    print("Chats go to a server of your own on this machine; it starts on first use.")
    try:
        from coderchat_jupyter.server.providers import local_model
    except ModuleNotFoundError as error:
        print(
            f"It needs {error.name!r}, which is not installed: "
            "run `pip install 'coderchat-jupyter[all]'`.",
            file=sys.stderr,
        )
        return 1
    model = local_model.find()
    print(f"Demo model: {model or 'not fetched yet; the first chat fetches it'}")
    return 0
