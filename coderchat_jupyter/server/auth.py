"""Who is calling, and whether from where they may."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import time
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.requests import HTTPConnection

from coderchat_jupyter.server.failures import RequestError, signed_out
from coderchat_jupyter.server.storage import users
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import UserRow
from coderchat_jupyter.wire.hosts import is_loopback
from coderchat_jupyter.wire.ids import UserId
from coderchat_jupyter.wire.routes import TOKEN_COOKIE, TOKEN_HEADER

__all__ = ["Sessions", "check_origin", "issue_token", "sign_in"]

_ALPHABET: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 10
_SECRET_LENGTH: Final = 22

_KNOWN_SECONDS: Final = 10.0
_MAX_KNOWN: Final = 1000

# Compared with when the id is unknown, so that an unknown id takes as long.
_NO_HASH: Final = "0" * 64


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _hash(secret: str) -> str:
    # The secret is 130 random bits: nothing to stretch.
    return hashlib.sha256(secret.encode()).hexdigest()


async def issue_token(database: Database, user_id: UserId, now: datetime) -> SecretStr:
    """A new session token, `id-secret`. Only now can it be told."""
    token_id, secret = _random(_ID_LENGTH), _random(_SECRET_LENGTH)
    async with database.write() as connection:
        await users.add_token(connection, user_id, token_id, _hash(secret), now)
    return SecretStr(f"{token_id}-{secret}")


class Sessions:
    """Who is signed in. A token once accepted is taken for granted for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, UserRow]] = {}

    async def user(self, connection: HTTPConnection) -> UserRow:
        """The user whose token the request carries.

        Raises:
            RequestError: 401; no token, no token's form, or not one we issued.
        """
        token = _token(connection)
        if not token:
            raise signed_out("Cookie or query parameter must be provided.")
        digest, now = _hash(token), time.monotonic()
        known = self._known.get(digest)
        if known is not None and known[0] > now:
            connection.state.user_id = known[1].id
            return known[1]
        user = await _owner_of(token, self._database)
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[digest] = (now + _KNOWN_SECONDS, user)
        # For the log of requests.
        connection.state.user_id = user.id
        return user


async def sign_in(connection: HTTPConnection, database: Database) -> UserRow:
    """The user whose token the request carries, looked up afresh.

    Raises:
        RequestError: 401, as `Sessions.user`.
    """
    return await Sessions(database).user(connection)


async def _owner_of(token: str, database: Database) -> UserRow:
    token_id, dash, secret = token.partition("-")
    if not (token_id and dash and secret) or "-" in secret:
        raise signed_out("Invalid API key format: expected two parts, id-secret.")
    async with database.read() as rows:
        found = await users.hashed_secret(rows, token_id)
        expected, user_id = found or (_NO_HASH, UserId(""))
        # Both are hex digests: the time tells nothing of what was stored.
        matches = hmac.compare_digest(_hash(secret), expected)
        user = await users.get_user(rows, user_id) if found and matches else None
    if user is None:
        raise signed_out("API key is invalid.")
    return user


def _token(connection: HTTPConnection) -> str:
    """The first token found, in the order in which the reference looks."""
    query, headers = connection.query_params, connection.headers
    bearer, _, credentials = headers.get("authorization", "").partition(" ")
    places = (
        connection.cookies.get(TOKEN_COOKIE, ""),
        query.get(TOKEN_COOKIE, ""),
        headers.get(TOKEN_HEADER, ""),
        credentials.strip() if bearer.lower() == "bearer" else "",
        query.get("access_token", ""),
    )
    return next((token for token in places if token), "")


def check_origin(connection: HTTPConnection, *, loopback_only: bool) -> None:
    """Refuse pages of other sites.

    A page may rebind its own name to this address, so a server on loopback
    answers only to loopback names. A browser tells the page's origin, which must
    then be this server.

    Raises:
        RequestError: 403.
    """
    host = connection.headers.get("host", "")
    if loopback_only and not is_loopback(f"//{host}"):
        raise RequestError(403, f"This server does not answer to the host {host!r}.")
    origin = connection.headers.get("origin")
    if origin and urlsplit(origin).netloc.lower() != host.lower():
        raise RequestError(403, "Requests from pages of other sites are refused.")
