"""What a tool server may be, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from coderchat_jupyter.server.mcp_rules import server_faults

_SECRET = "sk-A-SECRET-OF-A-TOOL-SERVER"


def _faults(**more: Any) -> list[tuple[str, str]]:
    values = {
        "display_name": "Search",
        "slug": "search",
        "transport": "sse",
        "url": "https://tools.example/mcp?key=1",
        "auth_type": "none",
        "availability": "force_on",
    }
    key, headers = more.pop("key", None), more.pop("headers", {})
    return list(
        server_faults(
            values | more,
            api_key=None if key is None else SecretStr(key),
            headers={name: SecretStr(value) for name, value in headers.items()},
        )
    )


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"transport": "streamable_http", "url": "http://127.0.0.1:80"},
        {"auth_type": "api_key", "api_key_header": "X-Key", "key": _SECRET},
        {"auth_type": "custom_headers", "headers": {"X-Team": "a b"}},
    ],
)
def test_a_server_that_can_be_reached_has_no_fault(more: dict[str, Any]) -> None:
    assert _faults(**more) == []


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"slug": ""}, ["slug"]),
        ({"display_name": "", "url": ""}, ["display_name", "url"]),
        ({"transport": "stdio"}, ["transport"]),
        ({"availability": "always"}, ["availability"]),
        ({"auth_type": "password"}, ["auth_type"]),
        ({"auth_type": "oauth2"}, ["auth_type"]),
        ({"auth_type": "user_oidc"}, ["auth_type"]),
        ({"slug": "s" * 65}, ["slug"]),
        ({"description": "a\0"}, ["description"]),
        ({"tool_deny_list": ["a", "b\0"]}, ["tool_deny_list"]),
        ({"api_key_header": "X Key"}, ["api_key_header"]),
        ({"api_key_header": "Host"}, ["api_key_header"]),
        ({"key": f"{_SECRET}\r\nX: y"}, ["api_key_value"]),
        ({"key": f"{_SECRET}\u00e9"}, ["api_key_value"]),
        ({"headers": {"a:b": "c"}}, ["custom_headers"]),
        ({"headers": {"mcp-session-id": "c"}}, ["custom_headers"]),
        ({"headers": {"A": f"{_SECRET}\n"}}, ["custom_headers"]),
    ],
)
def test_what_no_server_can_be_is_named_by_its_field(
    more: dict[str, Any], fields: list[str]
) -> None:
    faults = _faults(**more)

    assert [field for field, _ in faults] == fields
    assert _SECRET not in str(faults)


@pytest.mark.parametrize(
    "url",
    [
        "tools.example",
        "file:///etc/passwd",
        "ftp://tools.example/",
        "http://",
        "http://[",
        "http://a:b@tools.example/",
        "http://tools.example:99999/",
        "http://tools.example:x/",
        "http://tools.example/\x01",
        "http://tools.example/ /",
    ],
)
def test_only_addresses_of_the_web_are_reached(url: str) -> None:
    assert [field for field, _ in _faults(url=url)] == ["url"]
