"""From token at the provider to text in the kernel, and what a token costs there.

Three answers of 2,000 tokens at 200 a second through a real server: followed alone,
shown by a widget, and shown as today's notebook chats do, the whole text again with
each token. Times depend on the machine; the ratios are what to compare.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import httpx

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import ChatSession, background, shutdown_background
from coderchat_jupyter.state.preview import TextBlock
from coderchat_jupyter.state.text import NO_TEXT, TextBuffer
from coderchat_jupyter.widgets.chat import ChatWidget
from coderchat_jupyter.wire.models import CreateModelConfig
from coderchat_jupyter.wire.providers import CreateAIProvider
from tests.bench.provider import RATE, TOKENS, WARM_UP
from tests.fakes.real_server import RealServer

# What a message on iopub costs beside its content: header, parent, metadata, and the
# browser's share. Measured with jupyter_client.
_ENVELOPE: Final = 700


@dataclass(slots=True)
class Taken:
    """What one answer took."""

    delays: list[float] = field(default_factory=list)
    cpu: float = 0.0
    showing: float = 0.0
    server_cpu: float = 0.0
    messages: int = 0
    size: int = 0

    def sent(self, content: Any) -> None:
        self.messages += 1
        self.size += len(json.dumps(content)) + _ENVELOPE

    @contextmanager
    def shows(self) -> Iterator[None]:
        """What is done in here is done to show the answer."""
        before = time.thread_time()
        try:
            yield
        finally:
            self.showing += (time.thread_time() - before) / TOKENS * 1e6

    @property
    def middle(self) -> float:
        return median(self.delays) * 1e3

    @property
    def late(self) -> float:
        return quantiles(self.delays, n=100)[98] * 1e3


class _CountedWidget(ChatWidget):
    """Counts what it would send to a page."""

    taken: Taken | None = None

    def send(self, content: Any, buffers: Any = None) -> None:
        if self.taken is not None:
            self.taken.sent({"method": "custom", "content": content})

    def _on_change(self) -> None:
        with self.taken.shows() if self.taken is not None else nullcontext():
            super()._on_change()

    def _flush(self) -> None:
        with self.taken.shows() if self.taken is not None else nullcontext():
            super()._flush()


def _text(session: ChatSession) -> TextBuffer:
    blocks = session.state.preview.blocks
    last = blocks[-1] if blocks else None
    return last.text if isinstance(last, TextBlock) else NO_TEXT


def _clock(session: ChatSession, taken: Taken) -> Callable[[], None]:
    """Read the tokens that are new in the state, and how old they are."""
    seen = NO_TEXT

    def on_change() -> None:
        nonlocal seen
        now, text = time.monotonic_ns(), _text(session)
        for stamp in (text.since(seen) or "").split():
            taken.delays.append((now - int(stamp)) / 1e9)
        seen = text

    return on_change


def _full_text(session: ChatSession, taken: Taken) -> Callable[[], None]:
    """The habit of today: with each token the whole answer is sent again."""
    before = NO_TEXT

    def on_change() -> None:
        nonlocal before
        with taken.shows():
            text = _text(session)
            if text is not before and text:
                state = {"method": "update", "state": {"value": str(text)}}
                taken.sent(state)
            before = text

    return on_change


async def _cpu() -> float:
    return time.thread_time()


async def _follow(
    client: Client,
    server: RealServer,
    watch: Callable[[ChatSession, Taken], Callable[[], None]],
) -> Taken:
    taken = Taken()
    loop = background()
    before = await loop.hop(_cpu())
    server_before = sum(server.cpu_seconds)
    session = await ChatSession.create(client, "Count")
    undo = session.subscribe(watch(session, taken))
    await session.idle()
    taken.cpu = (await loop.hop(_cpu()) - before) / TOKENS * 1e6
    taken.server_cpu = (sum(server.cpu_seconds) - server_before) / TOKENS * 1e6
    undo()
    await session.aclose()
    return taken


def _shown(session: ChatSession, taken: Taken) -> Callable[[], None]:
    widget = _CountedWidget(session)
    widget.taken = taken
    return lambda: None


async def _direct(url: str) -> Taken:
    """The same tokens without server and session: what no program can beat."""
    taken = Taken()
    body = {"model": "bench", "stream": True, "messages": []}
    async with (
        httpx.AsyncClient(trust_env=False) as http,
        http.stream("POST", f"{url}/v1/chat/completions", json=body) as answer,
    ):
        async for line in answer.aiter_lines():
            if not line.startswith("data: {"):
                continue
            delta = json.loads(line[6:])["choices"][0]["delta"]
            if stamp := delta.get("content"):
                taken.delays.append((time.monotonic_ns() - int(stamp)) / 1e9)
    return taken


async def _set_up(client: Client, url: str) -> None:
    provider = await client.providers.create(
        CreateAIProvider.model_validate(
            {
                "type": "openai-compat",
                "name": "bench",
                "base_url": f"{url}/v1",
                "api_keys": ["none"],
            }
        )
    )
    await client.model_configs.create(
        CreateModelConfig(
            ai_provider_id=provider.id,
            model="bench",
            context_limit=100_000,
            is_default=True,
            enabled=True,
        )
    )


async def _run(server: RealServer, url: str) -> None:
    direct = await background().hop(_direct(url))
    async with Client(server.url, server.token) as client:
        await _set_up(client, url)
        warm = await ChatSession.create(client, WARM_UP)
        await warm.idle()
        await warm.aclose()
        alone = await _follow(client, server, _clock)
        shown = await _follow(client, server, _shown)
        full = await _follow(client, server, _full_text)
    _report(direct, alone, shown, full)


def _report(direct: Taken, alone: Taken, shown: Taken, full: Taken) -> None:
    assert len(alone.delays) > 0.9 * TOKENS, f"only {len(alone.delays)} tokens seen"
    print(f"{TOKENS:,} tokens at {RATE} a second; kernel = the thread that reads\n")
    print("token at the provider to text in the kernel's state")
    print(f"  median {alone.middle:8.2f} ms   99 % {alone.late:8.2f} ms")
    print(f"  read from the provider directly: {direct.middle:.2f} ms median")
    print(f"  ratio  {alone.middle / direct.middle:8.1f} x\n")
    print("CPU of the kernel per token")
    print(f"  reading it into the state {alone.cpu:8.1f} us")
    print(f"  showing it by a widget    {shown.showing:8.1f} us")
    print(f"  showing it by full text   {full.showing:8.1f} us")
    print(f"  full text / widget {full.showing / shown.showing:8.1f} x")
    print(f"  (the server's own: {alone.server_cpu:.0f} us)\n")
    print("bytes to the page per token")
    print(f"  widget      {shown.size / TOKENS:8.0f} B  ({shown.messages} messages)")
    print(f"  full text   {full.size / TOKENS:8.0f} B  ({full.messages} messages)")
    print(f"  full text / widget {full.size / shown.size:8.1f} x")


@contextmanager
def _provider() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.bench.provider"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, _provider() as url:
        server = RealServer(Path(folder), {"default": [[{"text": "-"}]]})
        server.start()
        try:
            asyncio.run(_run(server, url))
        finally:
            shutdown_background()
            server.stop()
