"""Call settings, read for one family of vendors.

Every setting that is configured is passed on. One that the family's API has no place
for is told as ignored; none is dropped silently. Each family has a module of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from coderchat_jupyter.server.providers._protocol import Ignored
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.provider_options import OPTION_FAMILIES

__all__ = ["NO_PLACE", "NO_SEARCH", "Asked", "Passed", "max_output_tokens"]

_DEFAULT_MAX_OUTPUT: Final = 32_000
"""What the real server asks for when the model config has no limit."""

_SAMPLING: Final = (
    "temperature",
    "top_p",
    "top_k",
    "presence_penalty",
    "frequency_penalty",
)

NO_PLACE: Final = "the provider's API has no such option"

_OTHER_FAMILY: Final = "it is an option of another kind of provider"

NO_SEARCH: Final = "web search is not enabled"


@dataclass(frozen=True, slots=True)
class Passed:
    """What goes along with a call, in the words of whoever makes the request."""

    values: dict[str, Any]
    ignored: tuple[Ignored, ...] = ()


def max_output_tokens(settings: CallConfig | None) -> int:
    """The output limit that is asked for."""
    limit = settings.max_output_tokens if settings else None
    return limit or _DEFAULT_MAX_OUTPUT


def _foreign(given: Mapping[str, Any]) -> Iterator[Ignored]:
    """The options of other families, as far as they ask for something."""
    for other, options in given.items():
        for name, value in options.items() if isinstance(options, dict) else ():
            if value or (value == 0 and value is not False):
                yield Ignored(f"{other}.{name}", _OTHER_FAMILY)


class Asked:
    """The settings of a call that nobody has read yet.

    Attributes:
        sampling: Settings that every family has, by name.
        options: Those of the family, as they came: also options that we do not know.
        ignored: What was found to have no place.
    """

    def __init__(self, settings: CallConfig | None, family: str) -> None:
        self.sampling: dict[str, Any] = {}
        self.options: dict[str, Any] = {}
        self.ignored: list[Ignored] = []
        if settings is None:
            return
        values = {name: getattr(settings, name) for name in _SAMPLING}
        self.sampling = {k: v for k, v in values.items() if v is not None}
        given = encode(settings.provider_options, only_set=True) or {}
        options = given.pop(OPTION_FAMILIES[family], None) or {}
        self.ignored += _foreign(given)
        self.options = {k: v for k, v in options.items() if v is not None}

    def take(self, name: str) -> Any:
        """Read an option; None if it is not set."""
        return self.options.pop(name, None)

    def drop(self, reason: str, *names: str) -> None:
        """Say of settings that they are ignored, if they ask for something."""
        for name in names:
            place = self.sampling if name in self.sampling else self.options
            value = place.pop(name, None)
            # False and empty ask for nothing; a penalty of zero is the default.
            if value or (value == 0 and name in ("temperature", "top_p", "top_k")):
                self.ignored.append(Ignored(name, reason))

    def passed(self, values: dict[str, Any]) -> Passed:
        """The outcome; options that nobody read are told as ignored."""
        self.drop(NO_PLACE, *tuple(self.options))
        return Passed(values, tuple(self.ignored))
