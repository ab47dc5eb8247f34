"""Media types with parameters, as Go's `mime` package reads and writes them.

That is RFC 2045 with the continuations and encodings of RFC 2231 (`filename*`), and
with Go's tolerance: of raw bytes between quotes, and of backslashes in the paths that
old browsers send.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

__all__ = ["content_disposition", "name_of", "parse_media_type"]

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+")
_TYPE: Final = re.compile(rf"{_TOKEN.pattern}(?:/{_TOKEN.pattern})?")
_NAME: Final = re.compile(rf"\s*;\s*({_TOKEN.pattern})\s*=\s*")
_SPECIAL: Final = r"()<>@,;:\\\"/\[\]?="
_ESCAPE: Final = re.compile(rf"\\([{_SPECIAL}])")
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CHARSETS: Final = frozenset({"us-ascii", "utf-8"})


def parse_media_type(header: str) -> tuple[str, dict[str, str]]:
    """The type in lower case, and its parameters by name.

    Raises:
        ValueError: It is none, a parameter cannot be read, or one is there twice with
            different values.
    """
    kind = header.partition(";")[0]
    place = len(kind)
    kind = kind.strip().lower()
    if _TYPE.fullmatch(kind) is None:
        raise ValueError("no media type")
    found: dict[str, str] = {}
    while (start := _NAME.match(header, place)) is not None:
        value, place = _value(header, start.end())
        name = start[1].lower()
        if found.setdefault(name, value) != value:
            raise ValueError("duplicate parameter name")
    if header[place:].strip() not in ("", ";"):
        raise ValueError("invalid media parameter")
    return kind, _joined(found)


def name_of(disposition: str) -> str:
    """The file name in a Content-Disposition header; empty if there is none."""
    try:
        return parse_media_type(disposition)[1].get("filename", "")
    except ValueError:
        return ""


def content_disposition(name: str, *, kind: str = "attachment") -> str:
    """The header that tells a file's name, as Go writes it.

    Args:
        name: The name, as `stored_name` leaves it.
        kind: `attachment`, or `inline` for what a browser may show.
    """
    if not name.isascii() or not name.isprintable():
        raw = name.encode("utf-8", "replace")
        coded = "".join(chr(b) if _is_plain(b) else f"%{b:02X}" for b in raw)
        return f"{kind}; filename*=utf-8''{coded}"
    if _TOKEN.fullmatch(name):
        return f"{kind}; filename={name}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{kind}; filename="{quoted}"'


def _is_plain(byte: int) -> bool:
    letter = chr(byte)
    return letter not in "*'%" and _TOKEN.fullmatch(letter) is not None


def _value(text: str, start: int) -> tuple[str, int]:
    """A token or a quoted string, and where it ends."""
    if text.startswith('"', start):
        end = _end_of_quotes(text, start)
        return _ESCAPE.sub(r"\1", text[start + 1 : end]), end + 1
    token = _TOKEN.match(text, start)
    if token is None:
        raise ValueError("invalid media parameter")
    return token[0], token.end()


def _end_of_quotes(text: str, start: int) -> int:
    """Where the quoted string that begins there ends."""
    place = start + 1
    while place < len(text) and text[place] not in '"\r\n':
        # A backslash before anything but a special character is one itself.
        place += 2 if _ESCAPE.match(text, place) else 1
    if text[place : place + 1] != '"':
        raise ValueError("no end of quotes")
    return place


def _joined(found: dict[str, str]) -> dict[str, str]:
    """The parameters, those with a star in their names decoded and put together."""
    plain = {name: value for name, value in found.items() if "*" not in name}
    for base in {name.partition("*")[0] for name in found if "*" in name}:
        if (whole := found.get(f"{base}*")) is not None:
            decoded = _decoded(whole)
        else:
            decoded = _pieces(base, found)
        if decoded is not None:
            plain[base] = decoded
    return plain


def _pieces(base: str, found: dict[str, str]) -> str | None:
    """What stands in `base*0`, `base*1*` and so on; None if there is no first one."""
    pieces: list[str] = []
    while True:
        name = f"{base}*{len(pieces)}"
        if (piece := found.get(name)) is None:
            coded = found.get(f"{name}*")
            if coded is None:
                return "".join(pieces) if pieces else None
            piece = (_unescaped(coded) if pieces else _decoded(coded)) or ""
        pieces.append(piece)


def _decoded(text: str) -> str | None:
    """The value of `charset'language'text`; None if it is not in a known charset."""
    charset, _, rest = text.partition("'")
    _, quote, coded = rest.partition("'")
    if not quote or charset.lower() not in _CHARSETS:
        return None
    return _unescaped(coded)


def _unescaped(text: str) -> str | None:
    if _BROKEN_ESCAPE.search(text):
        return None
    return unquote_to_bytes(text).decode("utf-8", "replace")
