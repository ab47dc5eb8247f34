"""What a tool server may be: each rule yields the field at fault, and why.

No fault quotes a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from coderchat_jupyter.server.secret_rules import ONE_LINE, is_one_line
from coderchat_jupyter.wire.mcp import AUTH_TYPES, AVAILABILITIES, TRANSPORTS

__all__ = ["UNSUPPORTED_AUTH", "server_faults"]

UNSUPPORTED_AUTH: Final = frozenset({"oauth2", "user_oidc"})
"""Known ways to sign in that need a sign-in of each user, which is not built."""

_MAX_SLUG: Final = 64
_REQUIRED: Final = (
    "display_name",
    "slug",
    "transport",
    "url",
    "auth_type",
    "availability",
)
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "transport": TRANSPORTS,
    "auth_type": AUTH_TYPES,
    "availability": AVAILABILITIES,
}
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "host"}
    | {"content-type", "transfer-encoding", "mcp-session-id", "mcp-protocol-version"}
)


def server_faults(
    values: Mapping[str, Any],
    *,
    api_key: SecretStr | None = None,
    headers: Mapping[str, SecretStr] | None = None,
) -> Iterator[tuple[str, str]]:
    """What is wrong with a tool server.

    Args:
        values: Its columns by name: all, or those that are to change.
        api_key: The value of the header `api_key_header`, if it is given.
        headers: Other headers, if they are given.
    """
    yield from _tag_faults(values)
    for name, value in values.items():
        if any("\0" in text for text in _texts(value)):
            yield name, "must not hold the character NUL"
    if values.get("auth_type") in UNSUPPORTED_AUTH:
        yield "auth_type", f'this server cannot sign in by "{values["auth_type"]}"'
    if len(values.get("slug") or "") > _MAX_SLUG:
        yield "slug", f"must have at most {_MAX_SLUG} characters"
    if url := values.get("url"):
        yield from _url_faults(url)
    if header := values.get("api_key_header"):
        yield from _header_faults("api_key_header", header)
    if api_key is not None and not is_one_line(api_key):
        yield "api_key_value", f"must be {ONE_LINE}"
    for name, secret in (headers or {}).items():
        yield from _header_faults("custom_headers", name)
        if not is_one_line(secret):
            yield "custom_headers", f"must have {ONE_LINE} as values"


def _tag_faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the reference refuses, in its words."""
    for name in _REQUIRED:
        if name in values and not values[name]:
            yield name, _tag("required", "")
    for name, choices in _CHOICES.items():
        if (value := values.get(name)) and value not in choices:
            yield name, _tag("oneof", value)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else ()


def _tag(tag: str, value: str) -> str:
    return f'Validation failed for tag "{tag}" with value: "{value}"'


def _url_faults(url: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname)
        # Reading a port that is none raises.
        has_user = parts.port == 0 or parts.username is not None
    except ValueError:
        absolute = has_user = False
    if not absolute or not url.isprintable() or " " in url:
        yield "url", "must be an absolute http or https URL"
    elif has_user:
        yield "url", "must not hold a user or a password; use custom_headers"


def _header_faults(field: str, name: str) -> Iterator[tuple[str, str]]:
    if _HEADER.fullmatch(name) is None or name.lower() in _OURS:
        yield field, "must be names of HTTP headers that are free to be set"
