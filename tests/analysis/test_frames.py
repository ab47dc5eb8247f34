"""Costs as a data frame, from a real server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pandas as pd
import pytest

from coderchat_jupyter import costs_frame
from coderchat_jupyter.analysis.frames import COST_COLUMNS
from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ServerUnreachableError
from coderchat_jupyter.session import ChatSession, background, shutdown_background
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig, UpdateModelConfig
from tests.kernels._server import ChatServer, run_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def client(server: ChatServer) -> Iterator[Client]:
    client = Client(server.url, server.token)
    yield client
    background().run(client.aclose())
    shutdown_background()


def price(client: Client, cost: Prices | None) -> None:
    async def change() -> None:
        (model,) = await client.model_configs.list()
        body = UpdateModelConfig(call_config=CallConfig(cost=cost))
        await client.model_configs.update(model.id, body)

    background().run(change())


def chat(client: Client, *prompts: str) -> str:
    async def talk() -> str:
        session = await ChatSession.create(client, prompts[0])
        await session.idle()
        for prompt in prompts[1:]:
            await session.send(prompt)
            await session.idle()
        await session.aclose()
        return session.chat_id

    return background().run(talk())


def test_each_answer_is_a_row_with_exact_costs(client: Client) -> None:
    """Chats, models, tokens and money, oldest first."""
    price(client, Prices.model_validate({"input_price_per_million_tokens": "0.5"}))
    chat_id = chat(client, "Hello", "Again")

    frame = costs_frame(client, [chat_id])

    assert list(frame.columns) == list(COST_COLUMNS)
    assert frame["chat_id"].tolist() == [chat_id, chat_id]
    assert frame["cost_micros"].tolist() == [600, 600]
    assert frame["cost_usd"].sum() == pytest.approx(0.0012)
    assert frame["output_tokens"].tolist() == [2000, 2000]
    assert frame["created_at"].is_monotonic_increasing


def test_unpriced_is_missing_and_free_is_zero(client: Client) -> None:
    """A sum leaves the first out and has the second in."""
    chat_id = chat(client, "Hello")

    price(client, None)
    unpriced = costs_frame(client, [chat_id])["cost_micros"]
    price(client, Prices.model_validate({"input_price_per_million_tokens": "0"}))
    free = costs_frame(client, [chat_id])["cost_micros"]

    assert unpriced.isna().tolist() == [True]
    assert free.tolist() == [0]


def test_types_do_not_depend_on_what_is_there(client: Client) -> None:
    """An empty frame, and one of missing costs, join with a full one."""
    price(client, None)
    chat_id = chat(client, "Hello")

    empty, missing = costs_frame(client, []), costs_frame(client, [chat_id])

    types = {name: dtype for name, (dtype, _) in COST_COLUMNS.items()}
    assert {name: str(dtype) for name, dtype in empty.dtypes.items()} == types
    assert empty.dtypes.equals(missing.dtypes)
    assert len(pd.concat([empty, missing])) == 1


def test_every_column_is_documented_with_its_unit(client: Client) -> None:
    """In the docstring, and with the frame."""
    frame = costs_frame(client, [])

    assert set(frame.attrs["columns"]) == set(frame.columns)
    assert all(f"`{name}`" in (costs_frame.__doc__ or "") for name in frame.columns)


def test_the_chats_of_this_kernel_are_the_default(client: Client) -> None:
    """What a session of this process opened, also after it was closed."""
    chat_id = chat(client, "Hello")

    assert chat_id in costs_frame(client)["chat_id"].tolist()


def test_without_pandas_it_says_what_to_install() -> None:
    """Not a missing module from somewhere deep, and before anything is read."""
    program = (
        "import sys; sys.modules['pandas'] = None\n"
        "import coderchat_jupyter as c\n"
        "try: c.costs_frame()\n"
        "except ImportError as error: print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "pip install 'coderchat-jupyter[data]'" in done.stdout


def test_the_package_and_its_widgets_load_no_pandas() -> None:
    """`%load_ext` stays light; the frame pays for itself when it is asked for."""
    program = (
        "import sys, coderchat_jupyter as c\n"
        "c.CostExplorer, c.ModelConfigEditor, c.costs_frame\n"
        "print('pandas' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_no_answer_is_an_error_of_ours(server: ChatServer) -> None:
    """One tree of errors, whatever library is below."""
    with pytest.raises(ServerUnreachableError):
        costs_frame(Client("http://127.0.0.1:9", server.token), [])
    shutdown_background()
