"""`coderchat doctor`: what is installed, where it would connect, what is missing."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from typing import Final

from coderchat_jupyter import config
from coderchat_jupyter.config import Deployment, Incomplete
from coderchat_jupyter.errors import CoderChatError

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

_PATIENCE: Final = 10.0
"""Seconds that a deployment may take to answer."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `doctor` to the commands."""
    parser = commands.add_parser(
        "doctor",
        help="say what is installed, where a chat would go, and what is missing",
        description="Say what is installed, where a chat would go, what is missing.",
    )
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> int:
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

    async def ask() -> str:
        async with Client(
            deployment.url, deployment.token, timeout=_PATIENCE
        ) as client:
            build, user = (
                await client.server.build_info(),
                await client.users.me(),
            )
            return f"{user.username!r}, server version {build.version}"

    try:
        answer = asyncio.run(ask())
    except CoderChatError as error:
        print(f"Chats would go to {deployment.url}, but: {error}")
        return 1
    print(f"Chats go to {deployment.url} as {answer}.")
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
