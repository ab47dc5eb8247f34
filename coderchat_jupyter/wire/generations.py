"""What each release of the server can do, chosen by its version.

The chats API moved fast; these are the breaks that a client must know of. A version
that is not known, or that is no release (`-devel`), is taken as the newest, and then
nothing is refused before the server was asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from coderchat_jupyter.wire.routes import EXPERIMENTAL, STABLE

__all__ = ["EARLIEST", "GENERATIONS", "NEWEST", "Generation", "generation_of"]

Number = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Releases that behave alike.

    Attributes:
        name: What the documents call it.
        since: Major and minor version of its first release.
        base_paths: Where the chat tree may live; the first one is tried first.
        is_certain: The version names a release, so that what it lacks is known.
        version: What it was chosen by; empty if that names no release.
    """

    name: str
    since: Number
    base_paths: tuple[str, ...] = (EXPERIMENTAL,)
    is_certain: bool = True
    version: str = ""

    @property
    def archives_by_post(self) -> bool:
        """Archiving is a call of its own, not a change of the chat."""
        return self.since < (2, 32)

    @property
    def chats_hold_messages(self) -> bool:
        """One chat is answered with all its messages, and they have no pages."""
        return self.since < (2, 32)

    @property
    def names_providers(self) -> bool:
        """A model names the type of its provider, not the provider's id."""
        return self.since < (2, 34)

    @property
    def ignores_after_id(self) -> bool:
        """Messages cannot be asked for from an id on."""
        return self.since < (2, 33)

    @property
    def edits_keep_the_model(self) -> bool:
        """An edit cannot choose another model."""
        return self.since < (2, 34)

    @property
    def override_path(self) -> str:
        """The name that the overrides of models have below `/chats/config`."""
        return "agent-model-override" if self.since < (2, 34) else "model-override"

    @property
    def models_belong_to_organizations(self) -> bool:
        """Model configurations and overrides live below an organization."""
        return self.since >= (2, 37)

    @property
    def framing(self) -> str:
        """How frames look: in an `envelope`, or `raw`. Readers accept both."""
        return "envelope" if self.since < (2, 33) else "raw"


_MOVED: Final = (STABLE, EXPERIMENTAL)

EARLIEST: Final = Generation(name="early", since=(0, 1))
"""Builds of March 2026, before the first release with chats."""

GENERATIONS: Final = (
    EARLIEST,
    Generation(name="v2.32", since=(2, 32)),
    Generation(name="v2.33", since=(2, 33)),
    Generation(name="v2.34", since=(2, 34)),
    Generation(name="v2.35", since=(2, 35)),
    Generation(name="v2.36", since=(2, 36)),
    Generation(name="v2.37", since=(2, 37), base_paths=_MOVED),
    Generation(name="v2.38", since=(2, 38), base_paths=_MOVED),
)

NEWEST: Final = replace(GENERATIONS[-1], name="newest", is_certain=False)
"""For a server that does not say what it is."""

_VERSION: Final = re.compile(
    r"v?(\d+)\.(\d+)(?:\.\d+)?(-[\w.]+)?(\+[\w.-]+)?$", re.ASCII
)


def generation_of(version: str) -> Generation:
    """Choose by a build version such as `v2.34.0+1a2b3c`."""
    version = version.strip()
    found = _VERSION.match(version)
    if found is None or (found[3] or "").startswith("-devel"):
        return NEWEST
    # So many digits name no release, and converting them would take long.
    if len(found[1]) + len(found[2]) > 8:
        return NEWEST
    number = (int(found[1]), int(found[2]))
    if number < EARLIEST.since:
        return NEWEST
    chosen = next(g for g in reversed(GENERATIONS) if g.since <= number)
    # A release that came after this table may have what this table lacks; and our
    # own server has some of what came after the release that it speaks.
    is_beyond = number > GENERATIONS[-1].since or (found[4] or "") == "+coderchat"
    return replace(chosen, version=version, is_certain=not is_beyond)
