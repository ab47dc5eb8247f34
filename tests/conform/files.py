"""The conversation of the record that is about files."""

from __future__ import annotations

from typing import Final

from tests.conform.player import Player

__all__ = ["files"]

_PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)
_SVG: Final = b"<svg xmlns='http://www.w3.org/2000/svg'/>"

_UPLOADS: Final = (
    (b"hello file", "text/plain", "a.txt"),
    (b"a,b\n1,2\n", "text/csv", "t.csv"),
    (_PNG, "image/png", "p.png"),
    (b'{"a":1}', "text/plain", "x.json"),
    (_SVG, "image/png", "x.svg"),
    (b"hello", "image/png", "x.png"),
    (b"PK\x03\x04aaaa", "application/zip", "x.zip"),
    (b"x", "text/plain", ""),
    (b"plain", "application/octet-stream", "o.txt"),
    (b"", "text/plain", "e.txt"),
    (b"# hi", "text/plain", "r.md"),
)


async def files(player: Player) -> None:
    """Send what is taken and what is not, without a home, and fetch."""
    home = f"?organization={player.organization}"
    made = []
    for data, kind, name in _UPLOADS:
        headers = {"Content-Type": kind}
        if name:
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
        path = f"/chats/files{home}"
        made.append(await player.call("POST", path, raw=data, headers=headers))
    for query in ("", "?organization=x"):
        plain = {"Content-Type": "text/plain"}
        await player.call("POST", f"/chats/files{query}", raw=b"x", headers=plain)
    for one in made[:3]:
        await player.call("GET", f"/chats/files/{one['id']}")
    for wrong in ("x", "11111111-1111-4111-8111-111111111111"):
        await player.call("GET", f"/chats/files/{wrong}")
