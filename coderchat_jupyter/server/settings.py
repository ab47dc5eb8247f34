"""How a server is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["VERSION", "ServerSettings"]

VERSION: Final = "v2.34.0+coderchat"
"""What clients are told: they choose what they may call by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Everything a server is told from outside.

    Attributes:
        database: The SQLite file; made if missing.
        strict_g1: Speak v2.34 and nothing beyond it.
        loopback_only: Answer only to loopback host names.
        external_url: Where clients reach the server, for those who ask.
    """

    database: Path
    strict_g1: bool = False
    loopback_only: bool = True
    external_url: str = field(default="")
