"""Where a server keeps its data: a SQLite file, or a Postgres database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

__all__ = ["DatabaseAddress", "DatabaseUrlError", "PostgresUrl", "database_address"]

_POSTGRES: Final = ("postgresql", "postgres")


class DatabaseUrlError(ValueError):
    """The address names no database this server can use."""


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """A Postgres database, as libpq would read its address.

    Attributes:
        url: May hold a password, so it is shown to nobody.
        key_file: What seals provider keys; made if missing, mode 0600.
    """

    url: SecretStr
    key_file: Path


DatabaseAddress: TypeAlias = Path | PostgresUrl
"""A path is the file of a SQLite database."""


def database_address(address: str, key_file: Path) -> DatabaseAddress:
    """What a `--database` names: a path, `sqlite:///path` or `postgresql://…`.

    Args:
        address: As it was given.
        key_file: Of a Postgres database; that of a file lies beside it.

    Raises:
        DatabaseUrlError: It is the address of something else.
    """
    if "://" not in address:
        return Path(address).expanduser().absolute()
    # The address may hold a password: only its scheme is ever repeated.
    scheme, rest = address.split("://", 1)
    if scheme.partition("+")[0] in _POSTGRES:
        return PostgresUrl(SecretStr(f"postgresql://{rest}"), key_file)
    try:
        url = make_url(address)
    except ArgumentError:
        url = URL.create("unknown")
    if url.get_backend_name() != "sqlite" or not url.database:
        msg = (
            f"cannot use a {scheme!r} database: give the path of a SQLite file, "
            "sqlite:///path or postgresql://user@host/name"
        )
        raise DatabaseUrlError(msg)
    return Path(url.database).expanduser().absolute()
