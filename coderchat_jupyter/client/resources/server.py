"""Calls on the server itself."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.generations import Generation
from coderchat_jupyter.wire.users import BuildInfo

__all__ = ["Server"]


class Server:
    """Which release answers."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def build_info(self) -> BuildInfo:
        """The release; needs no valid token.

        Raises:
            NotCoderError: Something else answers there.
        """
        found: BuildInfo = await self._http.get(routes.BUILD_INFO, returns=BuildInfo)
        return found

    async def generation(self) -> Generation:
        """What the server is taken for, by its version; asked at most once.

        A server that hides its version is taken for the newest.

        Raises:
            ServerUnreachableError: It is not there.
        """
        return await self._http.generation()
