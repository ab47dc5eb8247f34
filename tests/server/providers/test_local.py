"""The tiny demo model, for real: its process, its answers, its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from coderchat_jupyter import config
from coderchat_jupyter.server.providers import ProviderError, ProviderRow
from coderchat_jupyter.server.providers._local_process import LocalProcess, why
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    ModelCall,
    TextContent,
    TextDelta,
)
from coderchat_jupyter.server.providers.local import LocalProvider, for_small_model
from tests.server.providers.calls import (
    LOOKUP,
    assistant,
    call,
    called,
    items,
    result,
    thought,
    user,
)

# Without chance in it the answer is the same every time.
SHORT = {"max_output_tokens": 64, "temperature": 0}
LONG = {"max_output_tokens": 4000}

QUESTION = call("What is the capital of France?", settings=SHORT)


@pytest.fixture
async def local(model_folder: Path) -> AsyncIterator[LocalProvider]:
    data_dir = config.load().data_dir
    data_dir.mkdir()
    (data_dir / "models").symlink_to(model_folder)
    provider = LocalProvider(ProviderRow("local", "http://127.0.0.1"))
    yield provider
    await provider.aclose()


def children() -> list[psutil.Process]:
    return psutil.Process().children()


async def test_it_answers_a_question_word_by_word(local: LocalProvider) -> None:
    """A real language model, without a key and without the network."""
    answer = await items(local, QUESTION)

    said = [item.text for item in answer if isinstance(item, TextDelta)]
    finished = answer[-1]
    assert len(said) > 3
    assert "Paris" in "".join(said)
    assert isinstance(finished, Finished)
    assert finished.reason == "stop"
    assert finished.usage is not None
    assert finished.usage.output_tokens


async def test_one_process_serves_every_call_and_ends_with_the_provider(
    local: LocalProvider,
) -> None:
    before = children()
    first = await items(local, QUESTION)
    (process,) = set(children()) - set(before)
    second = await items(local, call("Say hello.", settings=SHORT))
    same = set(children()) - set(before)

    await local.aclose()

    assert first
    assert second
    assert same == {process}
    assert not process.is_running()


async def test_stop_in_mid_answer_leaves_it_free_for_the_next(
    local: LocalProvider,
) -> None:
    stream = local.stream(call("Write a long story about a dog.", settings=LONG))
    await anext(stream)

    await stream.aclose()

    async with asyncio.timeout(30):
        assert await items(local, QUESTION)


async def test_a_process_that_died_is_started_again(local: LocalProvider) -> None:
    before = children()
    await items(local, QUESTION)
    (process,) = set(children()) - set(before)
    process.kill()

    answer = await items(local, QUESTION)

    assert isinstance(answer[-1], Finished)


@pytest.mark.parametrize("words", [9_000, 1_000_000])
async def test_what_is_too_long_for_it_is_said_plainly(
    local: LocalProvider, words: int
) -> None:
    """Cutting the user's own text off would answer another question."""
    with pytest.raises(ProviderError, match="longer than the tiny") as caught:
        await items(local, call("word " * words))

    assert caught.value.kind_hint == "config"


async def test_nobody_else_on_the_machine_may_ask_it(
    local: LocalProvider, model_folder: Path
) -> None:
    """Loopback is open to every user, and to pages in a browser."""
    process = LocalProcess()
    try:
        address, key = await process.ready()
        body = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 1}
        async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
            path = "/v1/chat/completions"
            without = await http.post(path, json=body)
            wrong = await http.post(path, json=body, headers=bearer("wrong"))
            right = await http.post(path, json=body, headers=bearer(key))
            page = await http.get("/", headers=bearer(key))
    finally:
        await process.aclose()

    assert [without.status_code, wrong.status_code] == [401, 401]
    assert right.status_code == 200
    assert page.status_code == 404


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def texts(asked: ModelCall) -> list[str]:
    return [
        part.text
        for message in for_small_model(asked).messages
        for part in message.parts
        if isinstance(part, TextContent)
    ]


def test_it_is_told_one_sentence_and_offered_no_tools() -> None:
    """Measured: any other sentence halves the number of right answers."""
    asked = for_small_model(call(system=("You are in plan mode.",), tools=(LOOKUP,)))

    assert asked.system == ("You are a helpful assistant.",)
    assert asked.tools == ()


def test_it_reads_the_text_of_other_models_but_not_their_tools() -> None:
    asked = call(
        "a", called(("c1", "{}")), result("c1", "1"), thought("hm", "b"), user("c")
    )

    assert texts(asked) == ["a", "b", "c"]


def test_the_oldest_turns_are_left_out_as_wholes() -> None:
    """It reads slowly; half a turn would only confuse it."""
    page = "word " * 350  # about 500 tokens
    asked = call("old", assistant(page), "newer", assistant(page), "newest")

    assert texts(asked) == ["newer", page, "newest"]


def test_the_newest_question_is_kept_whole_however_long() -> None:
    page = "word " * 5000

    assert texts(call("old", assistant("x"), page)) == [page]


@pytest.mark.parametrize(
    ("answer", "lines", "expected"),
    [
        ({"error": "import", "text": "libgomp.so.1: cannot open"}, [], "libgomp1"),
        ({"error": "import", "text": "No module named x"}, [], "pip install xllamacpp"),
        ({"error": "load", "text": "bad magic"}, [], "bad magic"),
        ({}, ["Illegal instruction"], "Illegal instruction"),
        ({}, [], "no reason given"),
    ],
)
def test_a_failed_start_says_what_to_do(
    answer: dict[str, str], lines: list[str], expected: str
) -> None:
    text = why(answer, lines)

    assert expected in text
    assert "configure another provider" in text
