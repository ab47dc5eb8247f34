"""The search language of the chat list: `key:value` terms, all of which must hold."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from coderchat_jupyter.server.failures import RequestError

__all__ = ["search_terms"]

_TERM: Final = re.compile(r'(?:[^ "]|"[^"]*"?)+')
_PIECE: Final = re.compile(r'(?:[^:"]|"[^"]*"?)+')
_NUMBER: Final = re.compile(r"\+?[0-9]{1,10}")
_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_PR_STATES: Final = ("draft", "open", "merged", "closed")
_SOURCES: Final = ("created_by_me", "shared_with_me")
_REPEATABLE: Final = frozenset({"pr_status"})
_KEYS: Final = _REPEATABLE | {
    *("archived", "has_unread", "title", "source"),
    *("diff_url", "pr", "repo", "pr_title"),
}


def search_terms(text: str, *, strict: bool) -> dict[str, Any]:
    """Read a query into arguments of `ChatFilter`.

    Args:
        text: The query.
        strict: Know the keys of v2.34 alone: v2.35 came to know `source`.

    Raises:
        RequestError: 400, naming `q` or every key that is wrong.
    """
    terms = _split(text)
    found: dict[str, Any] = {}
    faults = []
    for key, values in terms.items():
        try:
            if key not in _KEYS or (strict and key == "source"):
                raise _unknown(key)
            if not values[0]:
                # An empty first value is as good as none.
                continue
            if len(values) > 1 and key not in _REPEATABLE:
                raise ValueError(f'Query param "{key}" provided more than once')
            found |= _read(key, values)
        except ValueError as error:
            faults.append((key, str(error)))
    if faults:
        raise _refused(*faults)
    return found


def _split(text: str) -> dict[str, list[str]]:
    terms: dict[str, list[str]] = {}
    bare = []
    for term in _TERM.findall(text):
        if ":" not in term:
            bare.append(term)
            continue
        if term.startswith(":") or term.endswith(":"):
            told = f'Query element "{term}" cannot start or end with ":"'
            raise _refused(("q", told))
        match [piece.strip('"') for piece in _PIECE.findall(term)]:
            case [key, value]:
                terms.setdefault(key.lower(), []).append(value)
            case [_]:
                bare.append(term)
            case _:
                told = f'Query element "{term}" can only contain 1 ":"'
                raise _refused(("q", told))
    if bare:
        raise _refused(("q", f'Unsupported search term: "{" ".join(bare)}"'))
    return terms


def _read(key: str, values: list[str]) -> dict[str, Any]:
    value = values[-1]
    match key:
        case "archived" | "has_unread":
            return {key: _truth(key, value)}
        case "title":
            return {"title": value}
        case "source":
            if value not in _SOURCES:
                raise ValueError(f'"{value}" is not one of {_SOURCES}')
            return {"shared": value == "shared_with_me"}
    # No chat here has a pull request: what is well asked for finds nothing.
    _check_pull_request(key, values)
    return {"has_pull_request": True}


def _check_pull_request(key: str, values: list[str]) -> None:
    value = values[-1]
    match key:
        case "pr_status":
            for state in ",".join(values).split(","):
                if state.strip().lower() not in _PR_STATES:
                    raise ValueError(f'"{state}" is not one of {_PR_STATES}')
        case "diff_url":
            if not _is_web_address(value):
                raise ValueError(f'"{value}" is not an absolute http or https URL')
        case "pr":
            if not (_NUMBER.fullmatch(value) and 0 < int(value) < 2**31):
                raise ValueError(f'"{value}" is not a positive number')


def _unknown(key: str) -> ValueError:
    return ValueError(f'"{key}" is not a valid query param')


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _truth(key: str, value: str) -> bool:
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ValueError(f'Query param "{key}" must be a valid boolean, got "{value}"')


def _refused(*faults: tuple[str, str]) -> RequestError:
    return RequestError(400, "Invalid chat search query.", validations=faults)
