"""Files that only their owner may read, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

__all__ = ["private_folder", "read_json", "write_json"]


def private_folder(path: Path) -> Path:
    """Make a folder of mode 0700, also if it was there with another."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a file of mode 0600 in one step: nobody sees half of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    # Private from the start, whatever the umask is.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file)
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def read_json(path: Path) -> dict[str, Any]:
    """Read it back; empty if it is missing or is not what was written."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
