"""The cost explorer against a real server and real turns of its model."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator

import comm
import pytest

from coderchat_jupyter import config
from coderchat_jupyter.bridge.cost_view import CostView
from coderchat_jupyter.client import Client
from coderchat_jupyter.session import ChatSession
from coderchat_jupyter.widgets.cost import CostExplorer
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig, UpdateModelConfig
from tests.kernels._server import ChatServer, run_server
from tests.widgets._serving import Recorded, ask
from tests.widgets.conftest import until

# Of the script: 1,200 tokens in and 2,000 out.
COST = 1200 * 3 + 2000 * 15


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(autouse=True)
def _traffic(monkeypatch: pytest.MonkeyPatch, _wires: None) -> None:
    Recorded.everything.clear()
    monkeypatch.setattr(comm, "create_comm", Recorded)


@pytest.fixture
async def client(server: ChatServer) -> AsyncIterator[Client]:
    async with Client(server.url, server.token) as client:
        yield client


async def priced(client: Client, *prices: int) -> None:
    """Give the only model prices for input and output, or none."""
    names = ("input_price_per_million_tokens", "output_price_per_million_tokens")
    cost = Prices(**dict(zip(names, prices, strict=False))) if prices else None
    (model,) = await client.model_configs.list()
    change = UpdateModelConfig(call_config=CallConfig(cost=cost))
    await client.model_configs.update(model.id, change)


async def finished(session: ChatSession) -> ChatSession:
    await session.idle()
    return session


async def shown(explorer: CostExplorer, requests: int) -> CostView:
    """The view, once it has so many requests and nothing is under way."""

    def there() -> CostView | None:
        view = explorer.present()
        count = view.totals.requests if view.totals else -1
        return view if count == requests and not view.refreshing else None

    view = await until(there)
    assert isinstance(view, CostView)
    return view


async def test_it_shows_what_a_chat_cost_and_agrees_with_the_server(
    client: Client,
) -> None:
    """The estimate from messages and prices is what the server stored."""
    await priced(client, 3, 15)
    session = await finished(await ChatSession.create(client, "Hello"))

    explorer = CostExplorer(client, [session])
    view = await shown(explorer, 1)

    assert view.totals is not None and view.chart is not None
    assert view.totals.micros == view.server_micros == COST
    assert [series.name for series in view.chart.series] == ["Scripted"]
    assert [row.chat_id for row in view.chats] == [session.chat_id]
    explorer.close()
    await session.aclose()


async def test_it_reads_again_by_itself_when_a_turn_ends(client: Client) -> None:
    """Without a click, and without a timer; also in chats opened after it."""
    await priced(client, 3, 15)
    first = await finished(await ChatSession.create(client, "Hello"))
    explorer = CostExplorer(client)
    await until(lambda: explorer.present().phase == "ready")
    before = explorer.present().totals
    assert before is not None and before.micros is not None

    await first.send("Again")
    await shown(explorer, before.requests + 1)
    second = await ChatSession.create(client, "Another chat")
    after = (await shown(explorer, before.requests + 2)).totals

    assert after is not None
    assert after.micros == before.micros + 2 * COST
    assert after.chats == before.chats + 1
    explorer.close()
    await first.aclose()
    await second.aclose()


async def test_chats_of_this_notebook_are_found_by_their_label(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restart the kernel knows no session, and the notebook has its costs."""
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/costs.ipynb")
    notebook = config.load().notebook
    assert notebook is not None
    chat = await client.chats.create("Hello", labels=notebook.labels)
    other = await client.chats.create("Of another notebook")
    async with asyncio.timeout(20):
        for made in (chat, other):
            while (await client.chats.get(made.id)).status != "waiting":  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    explorer = CostExplorer(client)
    await until(lambda: explorer.present().phase == "ready")

    found = [row.chat_id for row in explorer.present().chats]
    assert chat.id in found
    assert other.id not in found
    explorer.close()


async def test_prices_that_change_change_the_estimate_and_not_the_server(
    client: Client,
) -> None:
    """Unpriced is not free, and the server's own sum is shown beside ours."""
    await priced(client, 3, 15)
    session = await finished(await ChatSession.create(client, "Hello"))
    explorer = CostExplorer(client, [session.chat_id])
    await shown(explorer, 1)

    await priced(client, 0, 0)
    await ask(explorer, op="refresh_costs")
    free = explorer.present()
    await priced(client)
    explorer.refresh().result(20)
    unpriced = explorer.present()

    assert free.totals is not None and unpriced.totals is not None
    assert (free.totals.micros, free.totals.unpriced) == (0, 0)
    assert (unpriced.totals.micros, unpriced.totals.unpriced) == (None, 1)
    assert free.server_micros == unpriced.server_micros == COST
    assert unpriced.unpriced_models == ("Scripted",)
    explorer.close()
    await session.aclose()


async def test_a_cell_holds_the_figures_without_a_kernel(client: Client) -> None:
    """Text, Markdown, and HTML with a picture inside; the first figures are awaited."""
    await priced(client, 3, 15)
    session = await finished(await ChatSession.create(client, "Hello"))

    explorer = CostExplorer(client, [session])
    data, _ = explorer._repr_mimebundle_()

    assert "application/vnd.jupyter.widget-view+json" in data
    assert "About $0.03" in data["text/plain"]
    assert "| Hello |" in data["text/markdown"]
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', data["text/html"])
    assert picture is not None
    assert "Scripted" in base64.b64decode(picture[1]).decode()
    assert len(str(data)) < 40_000
    explorer.close()
    await session.aclose()


async def test_columns_begin_where_the_reader_is(client: Client) -> None:
    """A kernel often runs on a machine that keeps UTC; nothing is read again."""
    session = await finished(await ChatSession.create(client, "Hello"))
    explorer = CostExplorer(client, [session])
    before = await shown(explorer, 1)

    unknown = await ask(explorer, op="use_zone", zone="Europe/../../etc/passwd")
    known = await ask(explorer, op="use_zone", zone="Asia/Kathmandu")
    after = explorer.present()

    assert unknown["error"] == "This kernel does not know the time zone."
    assert known["error"] is None
    assert after.chart is not None and after.chart.zone == "UTC+05:45"
    assert after.read_at is not None and after.read_at.endswith("+05:45")
    assert after.totals == before.totals
    explorer.close()
    await session.aclose()


async def test_no_chat_is_no_cost_and_a_gone_chat_is_none(client: Client) -> None:
    """Both are an empty explorer, and no failure."""
    nobody = "99999999-9999-4999-8999-999999999999"

    explorer = CostExplorer(client, [nobody])
    view = await shown(explorer, 0)

    assert view.totals is not None
    assert (view.phase, view.chart, view.totals.chats) == ("ready", None, 0)
    explorer.close()


async def test_what_was_shown_stays_when_reading_fails(
    client: Client, server: ChatServer
) -> None:
    """With a sentence above it; a first failure shows the sentence alone."""
    session = await finished(await ChatSession.create(client, "Hello"))
    explorer = CostExplorer(client, [session])
    before = await shown(explorer, 1)
    lost = CostExplorer(Client("http://127.0.0.1:9", server.token), [session])
    await until(lambda: lost.present().phase == "failed")

    explorer._client = Client("http://127.0.0.1:9", server.token)
    await ask(explorer, op="refresh_costs")
    after = explorer.present()

    assert after.totals == before.totals
    assert after.problem is not None and "127.0.0.1:9" in after.problem
    assert lost.present().totals is None
    assert server.token not in "".join(Recorded.everything)
    explorer.close()
    lost.close()
    await session.aclose()


async def test_a_closed_explorer_lets_go_of_every_chat(client: Client) -> None:
    """A turn that ends later reads nothing any more."""
    session = await finished(await ChatSession.create(client, "Hello"))
    explorer = CostExplorer(client, [session])
    await shown(explorer, 1)

    explorer.close()
    explorer.close()
    said = len(Recorded.everything)
    await session.send("Again")
    await session.idle()

    assert explorer._watched == {}
    assert len(Recorded.everything) == said
    await session.aclose()


@pytest.mark.parametrize("chats", ["one", [3], [None]])
def test_what_is_no_chat_is_refused_at_once(chats: object) -> None:
    """In the cell that said it, not later in the widget."""
    with pytest.raises(TypeError, match="chat"):
        CostExplorer(None, chats)  # type: ignore[arg-type]
