"""Provider keys at rest: encrypted, with a key file only its owner may read."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

__all__ = ["Sealer", "SealingError"]


class SealingError(Exception):
    """A stored key cannot be opened, or the key file is none.

    It is then not the file with which the key was sealed.
    """


class Sealer:
    """Seals and opens short secrets. Its repr shows nothing."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    @classmethod
    def of_file(cls, path: Path) -> Sealer:
        """The sealer whose key lies in a file, made if missing, mode 0600.

        Raises:
            SealingError: Something else lies there, or it cannot be read or made.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _make_key(path)
            return cls(path.read_bytes())
        except OSError as error:
            msg = f"cannot use the key file {str(path)!r}: {error.strerror}"
            raise SealingError(msg) from None
        except ValueError:
            msg = f"{path.name} is no key file: put the right one in its place"
            raise SealingError(msg) from None

    def seal(self, secret: SecretStr) -> str:
        """Encrypt, as text."""
        return self._fernet.encrypt(secret.get_secret_value().encode()).decode()

    def unseal(self, sealed: str) -> SecretStr:
        """Decrypt.

        Raises:
            SealingError: It was sealed with another key.
        """
        try:
            return SecretStr(self._fernet.decrypt(sealed.encode()).decode())
        except InvalidToken:
            msg = "a stored provider key cannot be decrypted: its key file was replaced"
            raise SealingError(msg) from None


def _make_key(path: Path) -> None:
    """Write a new key, whole or not at all: of two processes one is the first."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    made = Path(name)  # mkstemp makes it readable by its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
        with suppress(FileExistsError):
            path.hardlink_to(made)
    finally:
        made.unlink()
