"""Where the server is, and the token that opens it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

__all__ = ["Place"]


@dataclass(slots=True)
class Place:
    """Shared by everything that connects, so that a server may move.

    Attributes:
        address: Scheme, host and path, without a slash at the end.
        token: Never shown by `repr`.
        use_environment: Proxies of the environment apply.
    """

    address: str
    token: SecretStr
    use_environment: bool

    @property
    def is_secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.address.startswith("https:")
