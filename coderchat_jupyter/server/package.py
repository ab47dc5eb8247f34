"""What this package is called to others, and which of its versions this is."""

from __future__ import annotations

from importlib import metadata
from typing import Final

__all__ = ["PACKAGE_NAME", "package_version"]

PACKAGE_NAME: Final = "coderchat-jupyter"


def package_version() -> str:
    """The installed version; "0" where it runs without being installed."""
    try:
        return metadata.version(PACKAGE_NAME)
    except metadata.PackageNotFoundError:
        return "0"
