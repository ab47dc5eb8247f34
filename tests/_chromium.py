"""Finds the system's Chromium, or installs it from the system's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache

__all__ = ["ARGUMENTS", "NoChromiumError", "find", "find_or_install"]

ARGUMENTS = (
    "--no-sandbox",  # the sandbox does not start as root, where CI runs
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
"""Start it with these: no sandbox, and no talk with anybody but our own pages."""

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

_ADVICE = (
    "The browser tests need Chromium or Chrome, and none was found. Install it "
    "(Debian: `apt install chromium`), or set CHROMIUM_PATH to the program."
)


class NoChromiumError(Exception):
    """There is no Chromium, and it cannot be installed from here."""


@cache
def find() -> str | None:
    """The path of a Chromium that starts, or None.

    `CHROMIUM_PATH` goes before the usual places.
    """
    named = os.environ.get("CHROMIUM_PATH")
    for name in (named,) if named else _NAMES:
        path = shutil.which(name)
        # Ubuntu's `chromium-browser` may be a stub that only says "use snap".
        if path is not None and _starts(path):
            return path
    return None


def find_or_install() -> str:
    """The path of a Chromium; installs the system's where that needs no question.

    Raises:
        NoChromiumError: There is none; the message says what to do.
    """
    if found := find():
        return found
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0 or os.environ.get("CHROMIUM_PATH"):
        raise NoChromiumError(_ADVICE)
    print("Installing Chromium from the system's packages ...", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (
        ["update", "-q"],
        ["install", "-qy", "--no-install-recommends", "chromium", "fonts-liberation"],
    ):
        done = subprocess.run(
            [apt, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = "\n".join((done.stdout + done.stderr).splitlines()[-10:])
            raise NoChromiumError(f"{_ADVICE}\n\napt-get {words[0]} said:\n{said}")
    find.cache_clear()
    if found := find():
        return found
    raise NoChromiumError(_ADVICE)


def _starts(path: str) -> bool:
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "Chrom" in done.stdout
