"""What a server takes some bytes for, and what it makes of a name."""

from __future__ import annotations

from typing import Final

import pytest

from coderchat_jupyter.wire._media import (
    MAX_FILE_NAME_BYTES,
    MEDIA_TYPES,
    is_compatible,
    stored_media_type,
    stored_name,
)
from tests.wire.contract import contract

BOM: Final = b"\xef\xbb\xbf"
PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(29)
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg"/>'

STORED: Final = [
    ("a.png", PNG, "image/png"),
    ("liar.txt", PNG, "image/png"),
    ("a.jpg", b"\xff\xd8\xff\xe0....JFIF", "image/jpeg"),
    ("a.gif", b"GIF89a\x01\x00", "image/gif"),
    ("a.webp", b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
    ("a.pdf", b"%PDF-1.7\n", "application/pdf"),
    ("empty.txt", b"", "text/plain"),
    ("empty.png", b"", "text/plain"),
    ("a", b"no ending", "text/plain"),
    ("a.txt", "größe".encode("latin-1"), "text/plain"),
    ("a.txt", "wide".encode("utf-16"), "text/plain"),
    ("a.py", b"#!/usr/bin/env python\nprint(1)\n", "text/plain"),
    ("README.md", b"# Title\n", "text/markdown"),
    ("README.MARKDOWN", b"text", "text/markdown"),
    ("README.md", b'<p align="center">\n', "text/plain"),
    ("a.html", b"<!doctype html><p><svg/>", "text/plain"),
    ("t.csv", b"a,b\n1,2\n", "text/csv"),
    ("t.csv", BOM + b"one column\n1\n", "text/csv"),
    ("t.txt", b"a,b\n1,2\n", "text/csv"),
    ("t.txt", b"one, line with a comma", "text/plain"),
    ("t.csv", b"a\tb\n1\t2\n", "text/plain"),
    ("a.json", b'{"a": 1}', "application/json"),
    ("a.txt", b' {"a": 1}', "application/json"),
    ("a.json", b'"only a string"', "application/json"),
    ("a.json", b"{broken", "text/plain"),
    ("a.json", b"NaN", "text/plain"),
    ("a.txt", b'["long", ' + b'"\xc3\xa4", ' * 2000 + b'"end"]', "application/json"),
]

REFUSED: Final = [
    ("a.svg", SVG),
    ("a.png", SVG),
    ("a.txt", BOM + b'<?xml version="1.0"?>\n<!-- x -->\n' + SVG),
    ("a.txt", b'<!DOCTYPE svg PUBLIC "x" [<!ENTITY a "b">]>\n<SVG:svg a="b">'),
    ("a.xml", b'<?xml version="1.0"?><feed/>'),
    ("a.zip", b"PK\x03\x04aaaa"),
    ("a.xlsx", b"PK\x03\x04\x14\x00\x06\x00"),
    ("a.bin", b"text and a \x00 byte"),
    ("a.wav", b"RIFF\x24\x00\x00\x00WAVEfmt "),
    ("a.bmp", b"BM\x1e\x00\x00\x00"),
    ("a.png", PNG + b"acTL"),
    ("a.geojson", b'{"type": "FeatureCollection", "features": []}'),
    ("a.jsonl", b'{"a": 1}\n{"a": 2}\n'),
]


def test_the_types_that_are_stored_are_those_of_the_contract() -> None:
    """Client and server must not drift from what a deployment takes."""
    listed = contract("g1").enums["ChatAttachmentMediaType"]

    assert sorted(MEDIA_TYPES) == sorted(listed)


@pytest.mark.parametrize(("name", "data", "stored"), STORED)
def test_bytes_come_before_the_name_and_the_name_tells_texts_apart(
    name: str, data: bytes, stored: str
) -> None:
    """A name may lie, and a text says little about itself."""
    assert stored_media_type(name, data) == stored


@pytest.mark.parametrize(("name", "data"), REFUSED)
def test_what_is_none_of_the_types_is_named_as_something_else(
    name: str, data: bytes
) -> None:
    """A picture that may hold scripts, an archive, a program: never stored."""
    assert stored_media_type(name, data) not in MEDIA_TYPES


@pytest.mark.parametrize(
    "data", [b"<!--" * 500_000, b"<?" * 900_000, b"<!A[" * 500_000, b" " * 2_000_000]
)
def test_a_file_made_to_be_slow_is_not(data: bytes) -> None:
    """Each byte is looked at a bounded number of times: no quadratic search."""
    assert stored_media_type("a.txt", data) == "text/plain"


@pytest.mark.parametrize(
    ("declared", "stored", "fits"),
    [
        ("text/csv", "text/csv", True),
        ("TEXT/CSV; charset=utf-8", "text/csv", True),
        ("application/octet-stream", "image/png", True),
        ("text/plain", "application/json", True),
        ("text/plain", "text/markdown", True),
        ("text/plain", "image/png", False),
        ("text/markdown", "text/plain", False),
        ("image/png", "text/plain", False),
    ],
)
def test_a_declared_type_may_be_refined_but_not_contradicted(
    declared: str, stored: str, fits: bool
) -> None:
    """Plain text may turn out as something richer; a picture may not."""
    assert is_compatible(declared, stored) is fits


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (" a\r\nb.txt ", "ab.txt"),
        ("\x00\x7f\x85", ""),
        ("\u202etxt.exe", "\u202etxt.exe"),
        ("é" * 200, "é" * 127),
        ("\ud800.txt", "?.txt"),
    ],
)
def test_a_name_is_kept_without_control_characters_and_cut_between_characters(
    name: str, kept: str
) -> None:
    """255 bytes, never half a character, nothing that could end a header."""
    stored = stored_name(name)

    assert stored == kept
    assert len(stored.encode()) <= MAX_FILE_NAME_BYTES
