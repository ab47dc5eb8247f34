"""The first call imports an SDK, which takes seconds; nobody else waits for it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from coderchat_jupyter.server.providers import ProviderRow
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    Item,
    ModelCall,
    ProviderError,
    Reply,
)
from coderchat_jupyter.server.providers._vendor import VendorProvider
from tests.server.providers.calls import call, items

_SDK = "sdk_that_takes_long"


class Gate:
    """Where the import stands until the loop lets it go on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opens = threading.Event()

    async def wait_reached(self) -> None:
        """Wait on the loop, which is free to do so."""
        async with asyncio.timeout(20):
            while not self.reached.is_set():  # noqa: ASYNC110  a thread sets it
                await asyncio.sleep(0)


class Client:
    closed = 0


class SlowProvider(VendorProvider[Client]):
    def __init__(self) -> None:
        super().__init__(ProviderRow("openai", "http://127.0.0.1:9"))
        self.made: list[Client] = []

    def _open(self) -> Client:
        __import__(_SDK)
        self.made.append(Client())
        return self.made[-1]

    async def _close(self, client: Client) -> None:
        client.closed += 1

    async def _answer(
        self, client: Client, call: ModelCall
    ) -> AsyncGenerator[Item, None]:
        yield Finished("stop", None)

    async def _reply(self, client: Client, call: ModelCall) -> Reply:
        return Reply("")


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """An SDK on the path, whose import waits at the gate."""
    gate = Gate()
    monkeypatch.setattr(sys, "gate", gate, raising=False)
    text = "import sys\nsys.gate.reached.set()\nassert sys.gate.opens.wait(20)\n"
    (tmp_path / f"{_SDK}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield gate
    gate.opens.set()
    sys.modules.pop(_SDK, None)


async def test_the_loop_goes_on_while_an_sdk_is_imported(gate: Gate) -> None:
    provider = SlowProvider()
    asking = asyncio.create_task(items(provider))

    await gate.wait_reached()

    assert not asking.done()
    gate.opens.set()
    assert await asking == [Finished("stop", None)]
    await provider.aclose()


async def test_two_first_calls_at_once_open_one_client(gate: Gate) -> None:
    provider = SlowProvider()
    asking = [asyncio.create_task(items(provider)) for _ in range(2)]
    await gate.wait_reached()
    gate.opens.set()

    await asyncio.gather(*asking)

    assert len(provider.made) == 1
    await provider.aclose()


async def test_whoever_gives_up_while_it_opens_leaves_it_to_the_next(
    gate: Gate,
) -> None:
    provider = SlowProvider()
    first = asyncio.create_task(items(provider))
    await gate.wait_reached()
    first.cancel()
    await asyncio.wait((first,))
    second = asyncio.create_task(provider.ask(call()))
    gate.opens.set()

    await second

    assert first.cancelled()
    assert len(provider.made) == 1
    await provider.aclose()


async def test_closing_closes_what_was_opened_for_somebody_who_gave_up(
    gate: Gate,
) -> None:
    provider = SlowProvider()
    first = asyncio.create_task(items(provider))
    await gate.wait_reached()
    first.cancel()
    gate.opens.set()

    await provider.aclose()

    assert [client.closed for client in provider.made] == [1]


async def test_an_sdk_that_was_missing_is_looked_for_again(gate: Gate) -> None:
    provider = SlowProvider()
    gate.opens.set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, _SDK, None)
        with pytest.raises(ProviderError, match="not installed"):
            await items(provider)

    found = await items(provider)

    assert found == [Finished("stop", None)]
    await provider.aclose()
