"""What kind of file a server takes some bytes for, and what it makes of a name.

The server never trusts the declared type: it looks at the bytes, and at the name
only to tell kinds of text apart. Both sides use these rules, the client to say
before sending what would be refused.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from typing import Final

import pydantic_core

from coderchat_jupyter.wire._magic import BINARY_BYTES, MAGIC, PLAIN_TEXTS

__all__ = [
    "MAX_FILE_NAME_BYTES",
    "MEDIA_TYPES",
    "OCTET_STREAM",
    "is_compatible",
    "plain_type",
    "stored_media_type",
    "stored_name",
]

MEDIA_TYPES: Final = (
    "application/json",
    "application/pdf",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/markdown",
    "text/plain",
)
"""What a server stores (upstream `ChatAttachmentMediaType`)."""

OCTET_STREAM: Final = "application/octet-stream"
"""The type of an upload that declares none: the bytes alone decide."""

MAX_FILE_NAME_BYTES: Final = 255

_HEAD: Final = 3072  # How far the server looks into a file.
_BOMS: Final = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")
_BY_ENDING: Final = {
    "csv": "text/csv",
    "markdown": "text/markdown",
    "md": "text/markdown",
}
_GEOJSON: Final = re.compile(
    rb'"type"\s*+:\s*+"(?:Feature|FeatureCollection|(?:Multi)?(?:Point|Polygon)'
    rb'|(?:Multi)?LineString|GeometryCollection)"'
)
# A prolog, comments and a document type, then the first element.
_SVG: Final = re.compile(
    rb"(?:\s|<\?.*?\?>|<!--.*?-->|<![A-Za-z](?:[^<>\[]|\[[^\]]*+\])*+>)*+"
    rb"<(?:[\w.-]++:)?+svg(?:\s++[\w:.-]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+"
    rb"\s*+/?+>",
    re.DOTALL | re.IGNORECASE,
)
_TEXT_DECLARATION: Final = re.compile(rb"\s*+<\?xml[\s>]", re.IGNORECASE)


def plain_type(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def is_compatible(declared: str, stored: str) -> bool:
    """Whether an upload that says `declared` may be stored as `stored`."""
    kind = plain_type(declared)
    if kind in (stored, OCTET_STREAM):
        return True
    refined = ("application/json", "text/csv", "text/markdown")
    return kind == "text/plain" and stored in refined


def stored_name(name: str) -> str:
    """A file name as a server keeps it: no control characters, at most 255 bytes."""
    shown = "".join(c for c in name if unicodedata.category(c) != "Cc").strip()
    raw = shown.encode("utf-8", "replace")[:MAX_FILE_NAME_BYTES]
    return raw.decode("utf-8", "ignore")


def stored_media_type(name: str, data: bytes) -> str:
    """The type a server gives to a file; one not in `MEDIA_TYPES` is refused.

    Args:
        name: The file's name. Its ending tells kinds of text apart.
        data: The whole file.
    """
    if _SVG.match(data.removeprefix(_BOMS[0])):
        return "image/svg+xml"
    head = data[:_HEAD]
    kind = _by_magic(head)
    if kind is not None:
        return kind
    if not head.startswith(_BOMS) and head.translate(None, BINARY_BYTES) != head:
        return OCTET_STREAM
    kind = _kind_of_text(head, is_whole=len(data) <= len(head))
    return _by_ending(name, data) if kind is None else kind


def _by_magic(head: bytes) -> str | None:
    for offset, mark, kind in MAGIC:
        if head.startswith(mark, offset):
            # An animated PNG is a type of its own.
            is_animated = kind == "image/png" and head[37:41] == b"acTL"
            return "image/vnd.mozilla.apng" if is_animated else kind
    if head[:4] == b"RIFF":
        return "image/webp" if head[8:12] == b"WEBP" else OCTET_STREAM
    return None


def _kind_of_text(head: bytes, *, is_whole: bool) -> str | None:
    """What the text itself says it is; None leaves it to the name."""
    text = head.removeprefix(_BOMS[0])
    if _TEXT_DECLARATION.match(text):
        return "text/xml"
    if PLAIN_TEXTS.match(text):
        return "text/plain"
    if text.lstrip()[:1] in (b"{", b"["):
        if _is_json(text, is_whole=is_whole):
            geo = text.lstrip()[:1] == b"{" and _GEOJSON.search(text)
            return "application/geo+json" if geo else "application/json"
        if _is_json_lines(text, is_whole=is_whole):
            return "application/x-ndjson"
    lines = text.decode("latin-1").splitlines()
    if not is_whole:
        lines = lines[:-1]
    if _is_table(lines, ","):
        return "text/csv"
    return "text/plain" if _is_table(lines, "\t") else None


def _by_ending(name: str, data: bytes) -> str:
    ending = name.lower().rpartition(".")[2] if "." in name else ""
    if ending == "json":
        return "application/json" if _is_json(data, is_whole=True) else "text/plain"
    return _BY_ENDING.get(ending, "text/plain")


def _is_json(data: bytes, *, is_whole: bool) -> bool:
    try:
        pydantic_core.from_json(
            data if is_whole else data.decode("utf-8", "ignore"),
            allow_inf_nan=False,
            allow_partial=False if is_whole else "trailing-strings",
            cache_strings=False,
        )
    except ValueError:
        return False
    return True


def _is_json_lines(text: bytes, *, is_whole: bool) -> bool:
    lines = [line for line in text.split(b"\n") if line.strip()]
    if not is_whole:
        lines = lines[:-1]
    return len(lines) > 1 and all(_is_json(line, is_whole=True) for line in lines)


def _is_table(lines: list[str], separator: str) -> bool:
    """Two rows or more, all with as many fields, and more than one of them."""
    rows = (line for line in lines if line and not line.startswith("#"))
    try:
        widths = [len(row) for row in csv.reader(rows, delimiter=separator)]
    except csv.Error:
        return False
    return len(widths) > 1 and len(set(widths)) == 1 and widths[0] > 1
