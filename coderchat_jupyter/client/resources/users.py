"""Calls on users and their organizations."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.errors import (
    ConfigurationError,
    NotCoderError,
    NotFoundError,
    ProtocolError,
    UnsupportedError,
)
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.ids import OrganizationId
from coderchat_jupyter.wire.users import User

__all__ = ["Users"]


class Users:
    """Who the caller is, and where their chats belong."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._organization_id: OrganizationId | None = None

    async def me(self) -> User:
        """The user that the token belongs to.

        Raises:
            AuthenticationError: The token is not accepted.
            NotCoderError: Something else answers there.
        """
        try:
            user: User = await self._http.get(routes.user("me"), returns=User)
        except (NotFoundError, UnsupportedError, ProtocolError) as error:
            # Every deployment has this call, whatever its release.
            if isinstance(error, NotCoderError):
                raise
            raise NotCoderError(
                "Something answers at that address, but it is no Coder server. Check "
                "the address."
            ) from error
        return user

    async def get(self, user: str) -> User:
        """Somebody.

        Args:
            user: An id, a name, or `me`.

        Raises:
            NotFoundError: No such user, or not for you to see.
        """
        found: User = await self._http.get(routes.user(user), returns=User)
        return found

    async def default_organization_id(self) -> OrganizationId:
        """The organization that new chats belong to. Asked once, then remembered.

        Raises:
            ConfigurationError: The user belongs to no organization.
        """
        if self._organization_id is None:
            ids = (await self.me()).organization_ids
            if not ids:
                raise ConfigurationError(
                    "You belong to no organization of this deployment. Ask an admin "
                    "to add you to one."
                )
            self._organization_id = ids[0]
        return self._organization_id
