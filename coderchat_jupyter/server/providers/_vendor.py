"""What all adapters over a vendor's SDK share."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import ClassVar, Generic, TypeVar

from coderchat_jupyter.server.providers._failures import (
    cause_of,
    is_nonsense,
    translated,
    unreadable,
    unsendable,
)
from coderchat_jupyter.server.providers._metadata import (
    given_back,
    marked,
    refuses_metadata,
    without_metadata,
)
from coderchat_jupyter.server.providers._opening import Opening
from coderchat_jupyter.server.providers._pictures import (
    refuses_pictures,
    without_pictures,
)
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    Ignored,
    Item,
    ModelCall,
    PartSigned,
    ProviderError,
    ProviderRow,
    Reply,
    ToolCall,
)
from coderchat_jupyter.server.providers._toolless import (
    TOOLS_REFUSED,
    refuses_tools,
    without_tools,
)
from coderchat_jupyter.server.providers._transport import closing_answers
from coderchat_jupyter.server.secret_rules import is_one_line

__all__ = ["VendorProvider"]

_log = logging.getLogger(__name__)

Client = TypeVar("Client")


@asynccontextmanager
async def _reading(begun: Sequence[object]) -> AsyncIterator[None]:
    """Say plainly of an answer that has begun that it is not what it should be."""
    try:
        yield
    except Exception as error:
        if begun and is_nonsense(error):
            raise unreadable() from error
        raise


class VendorProvider(ABC, Generic[Client]):
    """A provider whose SDK is imported when the first call is made, in a thread.

    That takes more than a second, and nobody else should wait for it.
    """

    extra: ClassVar[str] = ""
    """The extra of this package that brings the SDK; empty for `server` itself."""

    def __init__(self, row: ProviderRow) -> None:
        self._row = row
        self._opening = Opening(self._ready)
        self.noticed: dict[str, tuple[Ignored, ...]] = {}
        """By model, what its last call was made without."""
        self._toolless: set[str] = set()

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Ask the model; see `Provider.stream`.

        A model that refuses tools is asked again without them, at once, and so is one
        that refuses what was kept of its reasoning, or the pictures of its tools. Once
        something was said it is not: that would be said twice.
        """
        asked: ModelCall | None = self._fitting(call)
        has_begun = False
        while asked is not None:
            try:
                async with aclosing(self._items(asked)) as items:
                    async for item in items:
                        has_begun = True
                        yield self._noted(call, asked, item)
                return
            except ProviderError as error:
                asked = None if has_begun else self._instead(asked, error)
                if asked is None:
                    raise

    async def ask(self, call: ModelCall) -> Reply:
        """Ask without streaming; see `Provider.ask`."""
        asked = self._fitting(call)
        while True:
            try:
                reply = await self._whole(asked)
            except ProviderError as error:
                instead = self._instead(asked, error)
                if instead is None:
                    raise
                asked = instead
            else:
                ignored = self._left_out(call, asked, reply.ignored)
                return replace(reply, ignored=ignored)

    async def _items(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        async with self._in_our_words(), closing_answers() as begun:
            client = await self._opened()
            async with _reading(begun), aclosing(self._answer(client, call)) as items:
                async for item in items:
                    yield item

    async def _whole(self, call: ModelCall) -> Reply:
        async with self._in_our_words(), closing_answers() as begun:
            client = await self._opened()
            async with _reading(begun):
                return await self._reply(client, call)

    @asynccontextmanager
    async def _in_our_words(self) -> AsyncIterator[None]:
        """Raise again as a `ProviderError` whatever goes wrong."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  it is raised again, in words of ours
            key = self._row.api_key
            raise translated(error, key=key) from cause_of(error, key)

    def _fitting(self, call: ModelCall) -> ModelCall:
        """The call as its model takes it, as far as that is known."""
        call = given_back(call, self._row)
        is_refused = bool(call.tools) and call.model in self._toolless
        return without_tools(call) if is_refused else call

    def _instead(self, call: ModelCall, error: ProviderError) -> ModelCall | None:
        """What to ask instead at once, if that may help; None if not.

        Each of these leaves out what was refused, so it is not refused again.
        """
        if call.tools and refuses_tools(error):
            self._toolless.add(call.model)
            return without_tools(call)
        if refuses_metadata(call, error):
            return without_metadata(call)
        if refuses_pictures(call, error):
            return without_pictures(call)
        return None

    def _noted(self, call: ModelCall, asked: ModelCall, item: Item) -> Item:
        """An item; the last says also what the call was made without."""
        if isinstance(item, PartSigned | ToolCall):
            return marked(item, self._row, call.model)
        if not isinstance(item, Finished):
            return item
        return replace(item, ignored=self._left_out(call, asked, item.ignored))

    def _left_out(
        self, call: ModelCall, asked: ModelCall, ignored: tuple[Ignored, ...]
    ) -> tuple[Ignored, ...]:
        if call.tools and not asked.tools:
            ignored = (*ignored, TOOLS_REFUSED)
        self._tell(call, ignored)
        return ignored

    async def aclose(self) -> None:
        """Close the connections kept open."""
        client = await self._opening.take()
        if client is not None:
            await self._close(client)

    @abstractmethod
    def _open(self) -> Client:
        """Import the SDK and make its client; runs in a thread."""

    @abstractmethod
    async def _close(self, client: Client) -> None:
        """Close its connections."""

    @abstractmethod
    def _answer(self, client: Client, call: ModelCall) -> AsyncGenerator[Item, None]:
        """The items of an answer."""

    @abstractmethod
    async def _reply(self, client: Client, call: ModelCall) -> Reply:
        """A whole answer."""

    def _ready(self) -> Client:
        """Import what the library would in the midst of the first call; open it."""
        import pydantic_ai.direct  # noqa: F401
        from genai_prices.data_snapshot import get_snapshot

        get_snapshot()
        return self._open()

    async def _opened(self) -> Client:
        # One of before there was a rule for keys.
        if self._row.api_key is not None and not is_one_line(self._row.api_key):
            raise unsendable()
        try:
            return await self._opening.made()
        except ImportError as error:
            raise self._lacks() from error

    def _lacks(self) -> ProviderError:
        wanted = self.extra or "server"
        return ProviderError(
            f"Providers of type {self._row.type} need a library that is not installed. "
            f"On the server: pip install 'coderchat-jupyter[{wanted}]'",
            kind_hint="config",
        )

    def _tell(self, call: ModelCall, ignored: tuple[Ignored, ...]) -> None:
        """Keep what was ignored, and log what was not before."""
        before = self.noticed.get(call.model, ())
        self.noticed[call.model] = ignored
        for one in ignored:
            if one not in before:
                _log.warning(
                    "a call of %s at %s left an option out: %s",
                    call.model,
                    self._row.type,
                    one,
                )
