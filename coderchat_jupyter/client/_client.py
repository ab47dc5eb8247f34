"""The client: one server, one token, and the calls grouped by what they are about."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import certifi
from pydantic import SecretStr

from coderchat_jupyter.client._http import HttpxHttp
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._release import Release
from coderchat_jupyter.client._stream import WebSocketStreams
from coderchat_jupyter.client._unknowns import Unknowns
from coderchat_jupyter.client.resources.chat_providers import ChatProviders
from coderchat_jupyter.client.resources.chats import Chats
from coderchat_jupyter.client.resources.costs import Costs
from coderchat_jupyter.client.resources.debug import Debug
from coderchat_jupyter.client.resources.diffs import Diffs
from coderchat_jupyter.client.resources.files import Files
from coderchat_jupyter.client.resources.insights import Insights
from coderchat_jupyter.client.resources.keys import Keys
from coderchat_jupyter.client.resources.messages import Messages
from coderchat_jupyter.client.resources.model_configs import ModelConfigs
from coderchat_jupyter.client.resources.models import Models
from coderchat_jupyter.client.resources.providers import Providers
from coderchat_jupyter.client.resources.queue import Queue
from coderchat_jupyter.client.resources.server import Server
from coderchat_jupyter.client.resources.settings import Settings
from coderchat_jupyter.client.resources.sharing import Sharing
from coderchat_jupyter.client.resources.tools import Tools
from coderchat_jupyter.client.resources.usage import Usage
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.errors import ConfigurationError
from coderchat_jupyter.wire.hosts import is_loopback

__all__ = ["Client"]

_TIMEOUT: Final = 30.0


class Client:
    """Calls to one server. Opens nothing until the first call.

    May be used from any number of event loops; connections are kept per loop. The
    token is shown nowhere. Every failure is one of `coderchat_jupyter.errors`: each
    call names those of its own, and besides any may raise `AuthenticationError` (log
    in again), `BusyError` (a rate limit), `ConnectionLostError`, `ProtocolError` and
    `ApiError` (the server failed).

        async with Client("https://coder.example.com", token) as client:
            chat = await client.chats.create("Why is the build red?")
            async for message in client.messages.iterate(chat.id):
                print(message.role, message.content)

    What calls take and give are classes of `coderchat_jupyter.wire`, in modules named
    after their noun: `from coderchat_jupyter.wire.chats import UpdateChat`.

    Attributes:
        chats: Make, find, change, stop and follow chats.
        messages: Read and send messages.
        queue: Messages that wait for the running turn to end.
        tools: What the tools that a chat runs at this side came to.
        models: What the caller may choose from.
        model_configs: How models are set up (changing them needs an admin).
        providers: Who runs the models (needs an admin).
        chat_providers: The same on servers before v2.34.
        keys: Keys that users bring for providers.
        settings: Settings of the deployment and of the caller.
        costs: What chats cost.
        usage: How much may be spent in a period.
        files: Send files, fetch files.
        sharing: Who else may read a chat.
        diffs: What an agent changed in its workspace.
        debug: What was really asked of a provider.
        insights: What the work of chats came to.
        users: Who the caller is.
        server: Which release answers.
    """

    def __init__(
        self, url: str, token: SecretStr | str, *, timeout: float = _TIMEOUT
    ) -> None:
        """Prepare a client.

        Args:
            url: Where the server is, such as `https://coder.example.com`.
            token: The session token.
            timeout: Seconds that the server may be silent in a call. A whole call
                takes at most four times as long.

        Raises:
            ConfigurationError: The address or the token cannot be right.
        """
        self._place = _place(url, token)
        self._release = Release(self._place)
        verify = _trust() if self.url.startswith("https:") else None
        self._unknowns = Unknowns()
        self._http = HttpxHttp(
            self._place,
            timeout=timeout,
            verify=verify,
            release=self._release,
            unknowns=self._unknowns,
        )
        streams = WebSocketStreams(
            self._place,
            verify=verify,
            release=self._release,
            unknowns=self._unknowns,
            ask=self._http.generation,
        )
        self.users = Users(self._http)
        self.chats = Chats(self._http, streams, self.users)
        self.messages = Messages(self._http)
        self.queue = Queue(self._http)
        self.tools = Tools(self._http)
        self.models = Models(self._http, self.users)
        self.model_configs = ModelConfigs(self._http, self.users)
        self.providers = Providers(self._http)
        self.chat_providers = ChatProviders(self._http)
        self.keys = Keys(self._http)
        self.settings = Settings(self._http, self.users)
        self.costs = Costs(self._http)
        self.usage = Usage(self._http)
        self.files = Files(self._http, self.users)
        self.sharing = Sharing(self._http)
        self.diffs = Diffs(self._http)
        self.debug = Debug(self._http)
        self.insights = Insights(self._http)
        self.server = Server(self._http)

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    @property
    def url(self) -> str:
        """Where the server is, without a slash at the end."""
        return self._place.address

    @property
    def unknown(self) -> Mapping[str, int]:
        """What the server said that this release has no name for, and how often.

        Such as `event type x`, `part type x`, `Chat.status = x` or `Chat.x`: types,
        words and fields, in every answer and frame so far. All of it was kept; that
        there is some means that an update may know it.
        """
        return self._unknowns.counted()

    def without_token(self, text: str) -> str:
        """A text that does not hold the token; to be asked before it is kept."""
        token = self._place.token.get_secret_value()
        return text.replace(token, "[redacted]") if token else text

    def begins_token(self, text: str) -> bool:
        """Whether a text ends like the token begins: the rest may be on its way."""
        token = self._place.token.get_secret_value()
        most = min(len(text), len(token) - 1)
        return any(token.startswith(text[-size:]) for size in range(1, most + 1))

    def move(self, url: str, token: SecretStr | str) -> None:
        """Go on at another address, from the next call on.

        For a server that came back elsewhere. Chats and messages must be the same.

        Raises:
            ConfigurationError: The address or the token cannot be right, or it is
                not of the same kind (http or https).
        """
        found = _place(url, token)
        if found.is_secure != self._place.is_secure:
            raise ConfigurationError("A server cannot move between http and https.")
        self._place.address, self._place.token = found.address, found.token
        self._release.forget()

    async def aclose(self) -> None:
        """Close all connections. May be called twice; the next call opens new ones."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def _place(url: str, token: SecretStr | str) -> Place:
    secret = token if isinstance(token, SecretStr) else SecretStr(token)
    _check_token(secret)
    address = _address(url)
    # Our own server is on this machine, where no proxy could reach it.
    return Place(address, secret, use_environment=not is_loopback(address))


def _address(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    wrong = parts.username is not None or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or wrong:
        # Not quoted: what was given may hold a password.
        raise ConfigurationError(
            "The address of the server must look like https://coder.example.com, "
            "without a user name or a query."
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    where = host if port is None else f"{host}:{port}"
    return f"{parts.scheme}://{where}{parts.path.rstrip('/')}"


def _check_token(token: SecretStr) -> None:
    text = token.get_secret_value()
    if not text:
        raise ConfigurationError(
            "There is no session token. Set CODER_SESSION_TOKEN or run `coder login`."
        )
    # It travels in a header, where a line break would begin another header.
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError(
            "The session token holds characters that no token has. Set it again, "
            "without quotes or line breaks."
        )


def _trust() -> ssl.SSLContext:
    """Trust what the system trusts (`SSL_CERT_FILE` included) and what browsers do."""
    context = ssl.create_default_context()
    # Set by Python 3.13. It refuses authorities of one's own for how their
    # certificates are made, which every other program on the machine accepts.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cafile=certifi.where())
    return context
