"""What a secret may be that goes out in a header: one rule for all of them."""

from __future__ import annotations

from typing import Final

from pydantic import SecretStr

__all__ = ["ONE_LINE", "is_one_line"]

ONE_LINE: Final = "one line of printable ASCII"
"""The rule in words, for sentences like `must be …`."""


def is_one_line(secret: SecretStr) -> bool:
    """Whether HTTP can send it as it is; nothing is one line too.

    What it cannot send fails with the secret in the words of the failure.
    """
    value = secret.get_secret_value()
    return value.isascii() and value.isprintable() and value == value.strip()
