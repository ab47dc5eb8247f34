"""What `coderchat serve` can be told."""

from __future__ import annotations

import argparse
from pathlib import Path

from coderchat_jupyter._serve_values import count, host, port, seconds, silence

__all__ = ["add_options"]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`, in the order in which its help shows them."""
    _add_place(parser)
    _add_api(parser)
    _add_patience(parser)
    _add_policy(parser)
    _add_start(parser)


def _add_place(parser: argparse.ArgumentParser) -> None:
    """Where it listens, and what it keeps its data in."""
    parser.add_argument(
        "--host", type=host, default="127.0.0.1", help="address to listen on"
    )
    parser.add_argument(
        "--port", type=port, default=7780, help="port to listen on; 0 takes a free one"
    )
    parser.add_argument(
        "--database",
        metavar="URL",
        help="SQLite file, a path or sqlite:///path, made if missing, of one server "
        "at a time; or a database of Postgres that any number of servers may share, "
        "postgresql://user@host/name (a password is better kept in "
        "~/.pgpass or PGPASSWORD than in the command)",
    )
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="what seals the keys of providers in a Postgres database; made if missing,"
        " and the same for all servers that share it",
    )


def _add_api(parser: argparse.ArgumentParser) -> None:
    """Which API it speaks."""
    parser.add_argument(
        "--strict-g1",
        action="store_true",
        help="speak Coder v2.34 and nothing beyond it",
    )
    parser.add_argument(
        "--speak",
        choices=["g0", "g1"],
        default="g1",
        help="which API: that of Coder v2.34 (g1, the default), or the one before "
        "v2.32 (g0), for testing older clients",
    )


def _add_patience(parser: argparse.ArgumentParser) -> None:
    """How long it waits: for vendors, other servers, clients."""
    parser.add_argument(
        "--silence",
        choices=["whole", "start"],
        default="whole",
        help="which silences of a model's vendor end its call and begin it anew: any "
        "in an answer (default), or only the one before its first piece",
    )
    parser.add_argument(
        "--silence-seconds",
        type=silence,
        metavar="SECONDS",
        help="how long such a silence may be: 600 for whole, 60 for start, if not said",
    )
    parser.add_argument(
        "--stale-seconds",
        type=seconds,
        default=300.0,
        metavar="SECONDS",
        help="how long a server may say nothing of a chat that it answers, or a chat "
        "rest with messages in its queue, before it is taken up (default: 300)",
    )
    parser.add_argument(
        "--action-seconds",
        type=seconds,
        default=300.0,
        metavar="SECONDS",
        help="how long a chat waits for the results of tools that its client runs "
        "(default: 300)",
    )


def _add_policy(parser: argparse.ArgumentParser) -> None:
    """What users may do, and what is written down of it."""
    parser.add_argument(
        "--no-user-keys",
        action="store_true",
        help="let nobody bring API keys of their own for the providers",
    )
    parser.add_argument(
        "--debug-logging",
        action="store_true",
        help="keep what every model is asked and answers, for all chats: debug runs, "
        "which otherwise users switch on for themselves",
    )
    parser.add_argument(
        "--log-format",
        choices=["json", "text"],
        default="text",
        help="what standard error is told: lines to read (default), or one JSON object "
        "a line, requests included; nothing that is said in chats, no token, no query",
    )
    for name, what, usual in (
        ("--api-rate-limit", "calls", 512),
        ("--files-rate-limit", "calls on files", 12),
    ):
        parser.add_argument(
            name,
            type=count,
            default=0,
            metavar="N",
            help=f"how many {what} each user may make a minute, or each address that "
            f"is not signed in; 0, the default, for any number. Coder's own: {usual}",
        )


def _add_start(parser: argparse.ArgumentParser) -> None:
    """What is made as it starts, for who starts it from a program."""
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="write a new session token of the user `admin` (made if missing) here, "
        "readable by you alone",
    )
    parser.add_argument(
        "--scripted",
        type=Path,
        metavar="FILE",
        help="for tests: a default model that plays this file",
    )
    embedded = parser.add_argument_group("started by a notebook")
    embedded.add_argument("--embedded", action="store_true", help=argparse.SUPPRESS)
    embedded.add_argument("--data-dir", type=Path, help=argparse.SUPPRESS)
    embedded.add_argument("--runtime-dir", type=Path, help=argparse.SUPPRESS)
    embedded.add_argument("--idle-seconds", type=float, help=argparse.SUPPRESS)
