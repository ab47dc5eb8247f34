"""What a provider may be: each rule yields the fields at fault, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from coderchat_jupyter.server.secret_rules import ONE_LINE, is_one_line
from coderchat_jupyter.wire.providers import PROVIDER_TYPES

__all__ = [
    "COPILOT",
    "KEYLESS_TYPES",
    "MAY_LACK_KEYS",
    "PROVIDER_NAME",
    "identity_faults",
    "key_faults",
    "keyless_faults",
    "url_faults",
]

KEYLESS_TYPES: Final = frozenset({"local", "scripted"})
"""Types of our own, that need no key."""

COPILOT: Final = "copilot"
"""A type that v2.34 keeps for its gateway, whose callers bring tokens of their own.

Such a provider has no keys, and chats cannot be answered by it.
"""

MAY_LACK_KEYS: Final = KEYLESS_TYPES | {"bedrock"}
"""Those, and where the machine's own role may do instead of a key."""

PROVIDER_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def identity_faults(kind: str, name: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a type and a name."""
    if kind not in {*PROVIDER_TYPES, *KEYLESS_TYPES, COPILOT}:
        known = ", ".join((*PROVIDER_TYPES, COPILOT))
        yield "type", f'"{kind}" is not a provider type; use one of {known}'
    if PROVIDER_NAME.fullmatch(name) is None:
        yield "name", "must consist of lower-case letters, digits and single hyphens"


def url_faults(kind: str, url: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the address for a type."""
    if kind in KEYLESS_TYPES:
        return
    if not url:
        yield "base_url", "is required"
        return
    try:
        parts = urlsplit(url)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        absolute = False
    if not absolute:
        yield "base_url", "must be an absolute http or https URL"


def keyless_faults(kind: str, keys: Sequence[object]) -> Iterator[tuple[str, str]]:
    """What is wrong with keys for a type that has none."""
    if kind == COPILOT and keys:
        yield "api_keys", f"type={kind} does not accept api_keys"


def key_faults(index: int, key: SecretStr) -> Iterator[tuple[str, str]]:
    """What is wrong with the key at an index; the key is not quoted."""
    value = key.get_secret_value()
    if not value.strip():
        yield f"api_keys[{index}]", "must not be empty"
    elif value != value.strip():
        yield f"api_keys[{index}]", "must not begin or end with white space"
    elif not is_one_line(key):
        yield f"api_keys[{index}]", f"must be {ONE_LINE}"
