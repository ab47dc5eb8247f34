"""`coderchat demo`: the first notebook, in JupyterLab or without a screen."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from coderchat_jupyter import _checkout, config
from coderchat_jupyter.errors import CoderChatError

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

__all__ = ["execute", "first_notebook", "kernel_settings", "register"]

_NOTEBOOK: Final = "01_first_chat.ipynb"

_PATIENCE: Final = 600
"""Seconds that one cell may take: a small model on a busy machine is slow."""


class _CannotRunError(Exception):
    """The demo cannot go on; the message says what to do."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `demo` to the commands."""
    parser = commands.add_parser(
        "demo",
        help="open the first notebook in JupyterLab, or run it without a screen",
        description="Open the first notebook in JupyterLab, ready to run.",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="only print the address to open"
    )
    parser.add_argument(
        "--port", type=int, help="port of JupyterLab (default: a free one from 8888)"
    )
    parser.add_argument(
        "--execute",
        type=Path,
        metavar="OUT.ipynb",
        help="run the notebook top to bottom and write the executed copy here",
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    try:
        _require("nbclient" if args.execute else "jupyterlab")
        if args.port is not None and not _is_free(args.port):
            raise _CannotRunError(
                f"Port {args.port} is taken. Choose another with --port, or leave "
                "it out to use a free one."
            )
        notebook = first_notebook()
        _fetch_model()
        if args.execute:
            return execute(notebook, args.execute.absolute())
        _open(notebook, port=args.port, browser=not args.no_browser)
    except (_CannotRunError, CoderChatError) as error:
        print(f"coderchat demo: {error}", file=sys.stderr)
        return 1
    return 0


def _require(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise _CannotRunError(
            f"{module} is not installed. Run `pip install 'coderchat-jupyter[all]'`."
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port that only waits for old packets is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def first_notebook() -> Path:
    """The notebook of the checkout; from a wheel, a copy in the current folder."""
    root = _checkout.find_root()
    if root is not None:
        return root / "notebooks" / _NOTEBOOK
    copy = Path.cwd() / _NOTEBOOK
    if not copy.exists():
        packed = Path(__file__).parent / "notebooks" / _NOTEBOOK
        try:
            shutil.copyfile(packed, copy)
        except OSError as error:
            raise _CannotRunError(
                f"The notebook cannot be copied to {str(copy.parent)!r} "
                f"({error.strerror}). Run this in a folder of your own."
            ) from error
    return copy


def _fetch_model() -> None:
    """Fetch the local model now, with words, and not in silence in the first cell."""
    if config.load().target is not None:
        return
    _require("starlette")
    from coderchat_jupyter.server.providers import local_model

    local_model.fetch(on_progress=_say)


def _open(notebook: Path, *, port: int | None, browser: bool) -> None:
    """Run JupyterLab in this process until it is ended."""
    from jupyterlab.labapp import LabApp

    options = [
        f"--ServerApp.root_dir={notebook.parent}",
        f"--LabApp.default_url=/lab/tree/{notebook.name}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.log_level=WARN",
        f"--ServerApp.open_browser={browser}",
    ]
    if port is not None:
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    server: Any = LabApp.initialize_server(argv=options)
    # The port is open from here on: who comes now is served a moment later.
    token = server.identity_provider.token
    address = f"http://127.0.0.1:{server.port}{server.base_url}lab/tree/{notebook.name}"
    print(f"{address}?token={token}" if token else address, flush=True)
    _say("JupyterLab is running; Ctrl-C ends it.")
    server.start()


def execute(notebook: Path, out: Path) -> int:
    """Run every cell and write the copy; 1 when a cell failed, which it then shows."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    book: NotebookNode = nbformat.read(notebook, as_version=4)
    total = len(book.cells)

    def done(cell: NotebookNode, cell_index: int, **_: Any) -> None:
        if cell.cell_type == "code":
            _say(f"cell {cell_index + 1} of {total} is done")

    failure: Exception | None = None
    with kernel_settings() as settings:
        client = NotebookClient(
            book,
            timeout=_PATIENCE,
            kernel_name="python3",
            resources={"metadata": {"path": str(notebook.parent)}},
            store_widget_state=True,
            on_cell_executed=done,
            config=settings,
        )
        try:
            # So Jupyter tells a kernel its notebook; chats are labelled with it.
            client.execute(env={**os.environ, "JPY_SESSION_NAME": str(notebook)})
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            failure = error
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, out)
    except OSError as error:
        raise _CannotRunError(
            f"{str(out)!r} cannot be written ({error.strerror})."
        ) from error
    if failure is not None:
        print(failure, file=sys.stderr)
        return 1
    print(f"Executed {notebook.name}: {out}")
    return 0


@contextmanager
def kernel_settings() -> Iterator[Config]:
    """Let a kernel speak over files of this user instead of ports, where that works.

    A port is looked for before the kernel opens it: another program may be faster,
    and the kernel then ends at its start. A folder of our own is nobody else's, and
    its path is short enough for a socket (some 100 characters).
    """
    from traitlets.config import Config

    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        yield Config()
        return
    with tempfile.TemporaryDirectory(prefix="kernel-", dir=_short_folder()) as folder:
        yield Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/k"}})


def _short_folder() -> str | None:
    """`/tmp` where there is one: a temporary folder of macOS has a long path."""
    return "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
