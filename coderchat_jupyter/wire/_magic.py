"""The first bytes by which files are told apart.

Only what may be stored has to be named exactly. The rest is listed as far as it would
pass for text: it is refused whatever it is.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["BINARY_BYTES", "MAGIC", "PLAIN_TEXTS"]

MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\n%PDF-", "application/pdf"),
    (0, b"\xef\xbb\xbf%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"Rar!", "application/x-rar-compressed"),
    (0, b"%!PS-Adobe-", "application/postscript"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"!<arch>", "application/x-archive"),
    (0, b"OggS", "application/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"MThd", "audio/midi"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftyp", "video/mp4"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (257, b"ustar", "application/x-tar"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"WARC/1.", "application/warc"),
)

BINARY_BYTES: Final = bytes(
    [*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)]
)
"""Bytes that no text has (the "binary data bytes" of the MIME Sniffing Standard)."""

PLAIN_TEXTS: Final = re.compile(
    rb"\s*+<(?:!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE"
    rb"|B|BODY|BR|P)[ >]"
    rb"|\s*+<!--"
    rb"|<\?(?:php|[\n\r ])"
    rb"|#![ \t]*+/(?:usr/)?(?:local/)?bin/"
    rb"|\{\\rtf"
    rb"|BEGIN:V(?:CARD|CALENDAR)\r?\n"
    rb"|WEBVTT(?:[\s]|\Z)",
    re.IGNORECASE,
)
"""Texts of a kind of their own: stored as plain text, whatever their name ends in."""
