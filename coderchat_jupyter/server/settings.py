"""How a server is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from coderchat_jupyter.server.storage.addresses import DatabaseAddress

__all__ = ["ACTION_SECONDS", "OLDER_VERSION", "VERSION", "ServerSettings"]

VERSION: Final = "v2.34.0+coderchat"
"""What clients are told: they choose what they may call by it."""

OLDER_VERSION: Final = "v2.31.0+coderchat"
"""The same for the older API: the last that had chats with their messages in them."""

ACTION_SECONDS: Final = 300.0
"""How long a chat waits for the results of the tools that its client runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Everything a server is told from outside.

    Attributes:
        database: A SQLite file, made if missing, or a Postgres database.
        is_held: Whoever starts the server keeps others from the file already.
        strict_g1: Speak v2.34 and nothing beyond it.
        speak: Which API: that of v2.34 (`g1`), or the older seed's (`g0`).
        loopback_only: Answer only to loopback host names.
        external_url: Where clients reach the server, for those who ask.
        action_seconds: How long a chat waits for its client's tools.
        silence: Which silences of a vendor are limited: every one in an answer
            (`whole`), or only that before its first piece (`start`).
        stale_seconds: How long a chat may rest with a queue, or run without a
            heartbeat of its worker, before it is taken up.
        silence_seconds: Their limit; None is 600 or 60.
        allow_user_keys: Whether users may bring API keys of their own; those that
            they brought before do not count while they may not.
        force_debug: Record the calls of models in detail, for everybody.
        log_requests: Log every request, without what it says.
        api_rate_limit: Requests a minute that one caller may make; 0 for any number.
        files_rate_limit: The same for calls on files.
    """

    database: DatabaseAddress
    is_held: bool = False
    strict_g1: bool = False
    speak: Literal["g0", "g1"] = "g1"
    loopback_only: bool = True
    external_url: str = field(default="")
    action_seconds: float = ACTION_SECONDS
    silence: Literal["whole", "start"] = "whole"
    silence_seconds: float | None = None
    stale_seconds: float = 300.0
    allow_user_keys: bool = True
    force_debug: bool = False
    log_requests: bool = False
    api_rate_limit: int = 0
    files_rate_limit: int = 0

    @property
    def version(self) -> str:
        """The release that clients are told."""
        return OLDER_VERSION if self.speak == "g0" else VERSION
