"""The page's code, built from `js/` into the package."""

from __future__ import annotations

import pathlib
from typing import Final

from coderchat_jupyter.errors import ConfigurationError

__all__ = ["CHILD", "HUB", "PAGE", "read"]

_STATIC: Final = pathlib.Path(__file__).parent / "static"

CHILD: Final = _STATIC / "child.js"
"""What every widget carries: finds the page's code."""

HUB: Final = _STATIC / "hub.js"
"""What one widget per kernel carries: the page's code, packed."""

PAGE: Final = _STATIC / "page.js"
"""The page's code, plain, for hosts that cannot share a hub."""


def read(path: pathlib.Path) -> str:
    """The text of a built file.

    Raises:
        ConfigurationError: This is a checkout in which the page was never built.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            "The page of the widgets is not built. In a checkout, run "
            "`npm ci && npm run build` in js/, or install the package again."
        ) from None
