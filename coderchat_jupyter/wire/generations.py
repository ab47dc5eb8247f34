"""What each release of the server can do, chosen by its version.

The chats API moved fast; these are the breaks a client must know of. An unknown or
newer version is taken as the newest release known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from coderchat_jupyter.wire.routes import EXPERIMENTAL

__all__ = ["GENERATIONS", "Generation", "generation_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Releases that behave alike.

    Attributes:
        name: What the documents call it.
        since: Major and minor version of its first release.
        base_path: Where the chat tree lives.
        removed: Calls that are gone, each with what replaces it.
    """

    name: str
    since: tuple[int, int]
    base_path: str = EXPERIMENTAL
    removed: dict[str, str] = field(default_factory=dict)


_PROVIDERS_GONE: Final = {
    "GET /chats/providers": "GET /api/v2/ai/providers",
    "POST /chats/providers": "POST /api/v2/ai/providers",
}
_INSIGHTS_GONE: Final = {
    **_PROVIDERS_GONE,
    "GET /chats/insights/pull-requests": "the diff status of each chat",
    "GET /chats/config/desktop-enabled": "",
}

_AI_PROVIDERS_NEW: Final = {
    "GET /api/v2/ai/providers": "GET /chats/providers",
    "POST /api/v2/ai/providers": "POST /chats/providers",
}

GENERATIONS: Final = (
    Generation(name="v2.32", since=(0, 0), removed=_AI_PROVIDERS_NEW),
    Generation(name="v2.33", since=(2, 33), removed=_AI_PROVIDERS_NEW),
    Generation(name="v2.34", since=(2, 34), removed=_PROVIDERS_GONE),
    Generation(name="v2.35", since=(2, 35), removed=_INSIGHTS_GONE),
)


def generation_of(version: str) -> Generation:
    """Choose by a build version such as `v2.34.0+1a2b3c`."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if found is None:
        return GENERATIONS[-1]
    number = (int(found[1]), int(found[2]))
    return next(g for g in reversed(GENERATIONS) if g.since <= number)
