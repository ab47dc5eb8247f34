"""The `coderchat` command: which subcommand, and nothing of what it does.

Each command is a module with `register(commands)`, imported to be listed; what it
needs beyond `argparse` it imports when it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from coderchat_jupyter import (
    _demo,
    _doctor,
    _export,
    _groups,
    _mcp,
    _providers,
    _replay,
    _serve,
    _users,
)

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Its arguments; those of this process if None.

    Returns:
        The exit status: 0 for success.
    """
    parser = argparse.ArgumentParser(
        prog="coderchat", description="Coder agent chats, in notebooks and beyond."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _serve.register(commands)
    _users.register(commands)
    _groups.register(commands)
    _providers.register(commands)
    _mcp.register(commands)
    _export.register(commands)
    _demo.register(commands)
    _doctor.register(commands)
    _replay.register(commands)
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
