"""Servers that follow each other on one database, each until its power is cut."""

from __future__ import annotations

import asyncio
import gc
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import Final, TypeVar

import httpx

from coderchat_jupyter.server.accounts import add_account
from coderchat_jupyter.server.app import create_app
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.settings import ServerSettings
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from tests.server.machine.clockwork import Clockwork
from tests.server.machine.power import Power, PowerCutError, powered
from tests.server.machine.socket import StreamReader
from tests.server.machine.stage import Stage

__all__ = ["Life", "living"]

T = TypeVar("T")

_CHATS: Final = "/api/experimental/chats"
_PATIENCE: Final = 60.0
_MOMENT: Final = 1.0
_LONG: Final = 400.0
"""Seconds beyond every threshold: of parked chats, stale ones, and left queues."""

_TOOL: Final = {"name": "lookup", "input_schema": {"type": "object"}}
_PRICES: Final = {
    "input_price_per_million_tokens": "3",
    "output_price_per_million_tokens": "15",
}


class Life:
    """The server that lives now, and who talks to it.

    Attributes:
        power: That it depends on.
        stage: The vendor, which outlives it.
        deaths: How often the power was cut so far.
    """

    def __init__(self, address: DatabaseAddress, runner: asyncio.Runner) -> None:
        self.power = Power()
        self.stage = Stage()
        self.deaths = 0
        self._runner = runner
        loop = runner.get_loop()
        assert isinstance(loop, Clockwork)
        self._loop = loop
        self._settings = ServerSettings(database=address, silence_seconds=1e9)
        self._app = create_app(self._settings, self.stage.build)
        self._token = ""
        self._home = ""
        self._readers: dict[str, StreamReader] = {}

    def run(self, work: Awaitable[T]) -> T:
        """Run something where the server runs."""

        async def awaited() -> T:
            return await work

        return self._runner.run(awaited())

    async def begin(self) -> None:
        """The first server, with a user and a priced model."""
        account = await add_account(self._settings.database, "admin", is_admin=True)
        self._token = account.token.get_secret_value()
        (self._home,) = account.user.organization_ids
        await self.start()
        provider = {
            "type": "openai-compat",
            "name": "stage",
            "enabled": True,
            "base_url": "http://127.0.0.1:1/v1",
            "api_keys": ["sk-stage-0123456789"],
        }
        made = await self.call("POST", "/api/v2/ai/providers", provider)
        model = {
            "ai_provider_id": made.json()["id"],
            "model": "stage-1",
            "context_limit": 100_000_000,
            "model_config": {"cost": _PRICES},
        }
        await self.call("POST", "/model-configs", model)

    async def start(self) -> None:
        """A server on what the last one left."""
        self._stack = AsyncExitStack()
        self._app.state.service = await self._stack.enter_async_context(
            Service.running(self._settings, self.stage.build, self._loop.now)
        )

    async def stop(self) -> None:
        """The end of the last server, in order."""
        for reader in self._readers.values():
            await reader.leave()
        self._readers.clear()
        await self._stack.aclose()

    async def die(self) -> None:
        """Cut the power; whatever it did is gone, and another server starts."""
        self.deaths += 1
        self.power.cut()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        while rest:
            for task in rest:
                task.cancel()
            # A connection that is closed twice at once waits for a thread that has
            # ended; it is cancelled again.
            done, rest = await asyncio.wait(rest, timeout=_MOMENT)
            await asyncio.gather(*done, return_exceptions=True)
        self._readers.clear()
        with suppress(PowerCutError):
            await self._stack.aclose()
        with suppress(PowerCutError):
            # Its connection for notices closes, as all that a process has open.
            await self._app.state.service.moves.stop()
        await self.power.disconnect()
        self.power.restore()
        await self.start()
        await self.pass_time()

    async def pass_time(self) -> None:
        """Let more time pass than anybody waits."""
        self._loop.jump(_LONG)
        # Timers are looked at when the loop turns.
        await asyncio.sleep(0)

    async def call(self, method: str, path: str, body: object = None) -> httpx.Response:
        """What is answered, below the chats if the path is not whole."""
        if not path.startswith("/api/"):
            path = _CHATS + path
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app),
            base_url="http://127.0.0.1",
            headers={"Coder-Session-Token": self._token},
        ) as http:
            return await http.request(method, path, json=body)

    async def create(self, name: str, words: str) -> str:
        """A chat that the stage knows by a name."""
        self.stage.know(name)
        body = {
            "organization_id": self._home,
            "content": [{"type": "text", "text": words}],
            "system_prompt": name,
            "unsafe_dynamic_tools": [_TOOL],
        }
        made = await self.call("POST", "", body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def reader(self, chat: str) -> StreamReader:
        """Somebody who listens to a chat since the server started."""
        if chat not in self._readers:
            path = f"{_CHATS}/{chat}/stream"
            point = self.power.point
            self._readers[chat] = StreamReader(self._app, path, self._token, point)
        return self._readers[chat]

    def runs(self) -> set[str]:
        """The chats that the server answers."""
        return set(self._app.state.service.moves.runs)

    async def until(
        self, holds: Callable[[], Awaitable[str]], *, time_passes: bool = False
    ) -> None:
        """Wait until nothing is wrong.

        Args:
            holds: What is wrong; empty for nothing.
            time_passes: A server that has just started may not have set its timers
                when the time jumped: let it jump again.

        Raises:
            AssertionError: Something was for too long; with what `holds` said.
        """
        # Not by the loop's clock, which jumps.
        began = time.monotonic()
        while wrong := await holds():
            waited = time.monotonic() - began
            assert waited < _PATIENCE, wrong
            if time_passes and waited > _MOMENT:
                time_passes = False
                await self.pass_time()
            await asyncio.sleep(0.001)


@contextmanager
def living(address: DatabaseAddress) -> Iterator[Life]:
    """A life on an empty database."""
    try:
        with asyncio.Runner(loop_factory=Clockwork) as runner:
            life = Life(address, runner)
            with powered(life.power):
                life.run(life.begin())
                try:
                    yield life
                finally:
                    life.run(life.stop())
    finally:
        # What dead servers had open is garbage. It goes now, or it would at any time,
        # with a warning in another test, or amid a parser that cannot bear it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
