"""The embedded server is gone, and comes back for those who need it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from coderchat_jupyter import config
from coderchat_jupyter.session import (
    Backoff,
    ChatSession,
    default_client,
    shutdown_background,
    use_client,
)
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import is_prompt, latest_answer, message_text


def server() -> psutil.Process:
    """The process that the runtime file names."""
    told = json.loads((config.load().runtime_dir / "server.json").read_text())
    return psutil.Process(told["pid"])


@pytest.fixture(autouse=True)
def _own_server(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setenv("CODER_CONFIG_DIR", str(tmp_path / "coderv2"))
    data_dir = config.load().data_dir
    data_dir.mkdir(mode=0o700)
    (data_dir / "models").symlink_to(model_folder)
    use_client(None)
    yield
    use_client(None)
    shutdown_background()
    with suppress(OSError, ValueError, psutil.NoSuchProcess):
        running = server()
        children = running.children(recursive=True)
        running.terminate()
        running.wait(20)
        psutil.wait_procs(children, 20)


async def answered_a_little(session: ChatSession) -> ChatState:
    """Stop as soon as there are words: a small model may go on and on."""
    async with asyncio.timeout(90):
        await session.until(lambda state: bool(latest_answer(state)))
        await session.stop()
        return await session.idle()


async def test_a_session_brings_its_embedded_server_back() -> None:
    """It may be killed, or leave after a quiet time; the user never started it."""
    client = await asyncio.to_thread(default_client)
    soon = Backoff(base=0.05, cap=0.2)
    session = await ChatSession.create(client, "Say yes.", backoff=soon)
    before = await answered_a_little(session)
    first = server()

    first.kill()
    async with asyncio.timeout(90):
        while session.link.phase == "live":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        while session.link.phase != "live":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await session.send("Say no.")
    state = await answered_a_little(session)
    await session.aclose()

    assert server().pid != first.pid
    prompts = [message_text(m) for m in state.messages if is_prompt(m)]
    assert prompts == ["Say yes.", "Say no."]
    assert state.messages[: len(before.messages)] == before.messages
    assert state.messages[-1].role == "assistant"
    await client.aclose()
