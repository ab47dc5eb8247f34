"""The values of options of `coderchat serve`: read, or refused with a reason."""

from __future__ import annotations

import argparse
from typing import Final

__all__ = ["count", "host", "port", "seconds", "silence"]

_DAY_SECONDS: Final = 86_400
_MAX_PORT: Final = 65_535


def count(text: str) -> int:
    """A number of requests."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of requests")
    return int(text)


def host(text: str) -> str:
    """A name or an address."""
    if not text.strip():
        msg = "it is empty; 0.0.0.0 is for all addresses of this machine"
        raise argparse.ArgumentTypeError(msg)
    return text.strip()


def port(text: str) -> int:
    """The number of a port; 0 is for any."""
    if not (text.isdecimal() and int(text) <= _MAX_PORT):
        msg = f"{text!r} is not between 0 and {_MAX_PORT}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def seconds(text: str) -> float:
    """A time between a second and a day: less would be noise, more is never."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= _DAY_SECONDS:
        msg = f"{text!r} is not between 1 and {_DAY_SECONDS}"
        raise argparse.ArgumentTypeError(msg)
    return seconds


def silence(text: str) -> float:
    """A time that may be short, for tests, but is one."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _DAY_SECONDS:
        msg = f"{text!r} is not more than 0 and at most {_DAY_SECONDS}"
        raise argparse.ArgumentTypeError(msg)
    return seconds
