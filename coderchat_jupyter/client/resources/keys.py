"""Calls on the keys that users bring for providers."""

from __future__ import annotations

from pydantic import SecretStr

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire.ids import ProviderId
from coderchat_jupyter.wire.keys import KeyInput, UserChatProvider, UserKey

__all__ = ["Keys"]


class Keys:
    """A user's own keys. What a key is, the server never tells.

    `list`, `set` and `delete` are of v2.34 and later; the `legacy_` ones of servers
    before. On the wrong one, each raises `UnsupportedError`.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(self, user: str = "me") -> tuple[UserKey, ...]:
        """Each enabled provider, and whether the user has a key for it.

        A disabled provider is there too while the user has a key for it.

        Args:
            user: An id, a name, or `me`.

        Raises:
            NotFoundError: No such user, or not for you to see.
            UnsupportedError: The server is older than v2.34.
        """
        found: tuple[UserKey, ...] = await self._http.get(
            routes.user_keys(user), returns=Items[UserKey]
        )
        return found

    async def set(
        self, provider_id: ProviderId, api_key: SecretStr | str, *, user: str = "me"
    ) -> UserKey:
        """Store a key for a provider, in place of one before it.

        Args:
            provider_id: The provider.
            api_key: At most 10,240 bytes, without blanks around it.
            user: An id, a name, or `me`.

        Raises:
            ForbiddenError: The deployment does not let users bring keys.
            NotFoundError: No such provider or user.
            InvalidRequestError: The key is none, or (412) the provider is disabled.
            UnsupportedError: The server is older than v2.34.
        """
        path, body = routes.user_key(user, provider_id), _input(api_key)
        del api_key  # A view of an error that shows locals must not show it.
        stored: UserKey = await self._http.send("PUT", path, body, returns=UserKey)
        return stored

    async def delete(self, provider_id: ProviderId, *, user: str = "me") -> None:
        """Forget a key. Fine if there is none.

        Args:
            provider_id: The provider.
            user: An id, a name, or `me`.

        Raises:
            InvalidRequestError: It is no id of a provider.
            UnsupportedError: The server is older than v2.34.
        """
        await self._http.send("DELETE", routes.user_key(user, provider_id))

    async def legacy_list(self) -> tuple[UserChatProvider, ...]:
        """The providers that you may bring a key for, before v2.34.

        Raises:
            UnsupportedError: The server is of v2.34 or later.
        """
        found: tuple[UserChatProvider, ...] = await self._http.get(
            routes.USER_CHAT_PROVIDERS, returns=Items[UserChatProvider]
        )
        return found

    async def legacy_set(
        self, provider_id: ProviderId, api_key: SecretStr | str
    ) -> UserChatProvider:
        """Store your key for a provider, before v2.34.

        Args:
            provider_id: The provider.
            api_key: At most 10,240 bytes.

        Raises:
            NotFoundError: No such provider.
            InvalidRequestError: The key is none, or the provider is disabled or takes
                no keys of users.
            UnsupportedError: The server is of v2.34 or later.
        """
        path, body = routes.user_chat_provider(provider_id), _input(api_key)
        del api_key
        stored: UserChatProvider = await self._http.send(
            "PUT", path, body, returns=UserChatProvider
        )
        return stored

    async def legacy_delete(self, provider_id: ProviderId) -> None:
        """Forget your key for a provider, before v2.34. Fine if there is none.

        Raises:
            UnsupportedError: The server is of v2.34 or later.
        """
        await self._http.send("DELETE", routes.user_chat_provider(provider_id))


def _input(api_key: SecretStr | str) -> KeyInput:
    secret = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
    return KeyInput(api_key=secret)
