"""The chat widget over a real session on a real port."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import AsyncIterator

import pytest
from starlette.responses import JSONResponse, Response

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import ChatSession, known_sessions, use_client
from coderchat_jupyter.state.select import latest_answer
from coderchat_jupyter.widgets.chat import ChatWidget
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import TOKEN, FakeCoder
from tests.widgets.conftest import until
from tests.widgets.page import Page


@pytest.fixture
async def default(coder: FakeCoder, client: Client) -> AsyncIterator[Client]:
    """The deployment that widgets find by themselves."""
    use_client(client)
    yield client
    use_client(None)


async def test_an_answer_grows_on_the_page_and_ends_exact(
    coder: FakeCoder, session: ChatSession
) -> None:
    """From the socket to the page, in pieces."""
    widget = ChatWidget(session)
    page = Page(widget)

    assert await page.wants(op="send", text="Count") is None
    coder.chat.set_status("running")
    for number in range(300):
        coder.chat.write(f"{number} ")
    await until(lambda: "299" in page.text)
    assert page.view["phase"] == "answering"
    coder.chat.commit()
    coder.chat.finish()
    await until(lambda: page.view["phase"] == "ready")

    assert page.text == latest_answer(session.state)
    assert page.text == "".join(f"{number} " for number in range(300))
    assert len(page.wire.of("patch")) < 100
    widget.close()


async def test_a_page_that_opens_late_sees_the_same(
    coder: FakeCoder, session: ChatSession
) -> None:
    """It was loaded again, or opened elsewhere; the kernel is the truth."""
    widget = ChatWidget(session)
    first = Page(widget)
    await first.wants(op="send", text="Count")
    coder.chat.set_status("running")
    coder.chat.write("one ")
    await until(lambda: first.text == "one ")

    second = Page(widget)
    coder.chat.write("two")
    await until(lambda: first.text == "one two")

    assert second.view == first.view
    widget.close()


async def test_without_a_page_nothing_is_lost(
    coder: FakeCoder, session: ChatSession
) -> None:
    """Nobody looks while the notebook is closed."""
    widget = ChatWidget(session)
    await session.send("Count")
    coder.chat.set_status("running")
    coder.chat.write("one")
    coder.chat.commit()
    coder.chat.finish()
    await session.idle()

    assert (await until(lambda: Page(widget).text)) == "one"
    widget.close()


async def test_stop_takes_effect_and_says_so(
    coder: FakeCoder, session: ChatSession
) -> None:
    """The text so far stays."""
    widget = ChatWidget(session)
    page = Page(widget)
    await page.wants(op="send", text="Count")
    coder.chat.set_status("running")
    coder.chat.write("one")
    await until(lambda: page.text == "one")

    assert await page.wants(op="stop") is None
    await until(lambda: page.view["phase"] == "ready")

    assert page.text == "one"
    widget.close()


async def _refuse(_: str) -> Response:
    return JSONResponse({"message": "Not today."}, 400)


async def test_what_the_server_refuses_is_told_to_the_page(
    coder: FakeCoder, session: ChatSession
) -> None:
    """In words, and the chat goes on."""
    widget = ChatWidget(session)
    page = Page(widget)

    assert "empty" in await page.wants(op="send", text=" \n")
    assert "not understand" in await page.wants(op="explode")
    coder.before = _refuse
    assert "Not today." in await page.wants(op="send", text="Hi")
    coder.before = None
    assert await page.wants(op="send", text="Still here") is None
    widget.close()


async def test_one_turn_is_shown_until_the_next_one_and_beyond(
    coder: FakeCoder, session: ChatSession
) -> None:
    """A cell's answer does not change when another cell asks."""
    first = await session.send("One")
    assert first.message is not None
    widget = ChatWidget(session, turn=first.message.id)
    page = Page(widget)
    coder.chat.set_status("running")
    coder.chat.write("first answer")
    coder.chat.commit()
    coder.chat.finish()
    await until(lambda: page.view["phase"] == "ready")
    await session.send("Two")
    coder.chat.set_status("running")
    coder.chat.write("second answer")
    await session.until(lambda state: latest_answer(state) == "second answer")

    assert page.text == "first answer"
    assert page.view["mode"] == "turn"
    assert (page.view["status"], page.view["phase"]) == ("waiting", "ready")
    widget.close()


async def test_a_widget_is_there_before_its_session(
    coder: FakeCoder, session: ChatSession
) -> None:
    """The cell returns at once; what happens meanwhile is said."""
    widget = ChatWidget(prompt="Hi")
    page = Page(widget)
    widget.notice("Starting the server")
    await until(lambda: page.view["notice"] == "Starting the server")
    assert page.view["phase"] == "opening"

    sent = await session.send("Hi")
    assert sent.message is not None
    widget.attach(session, turn=sent.message.id)
    coder.chat.set_status("running")
    coder.chat.write("Hello")
    await until(lambda: page.text == "Hello")

    assert page.view["notice"] == ""
    assert [row["role"] for row in page.view["rows"]] == ["user", "assistant"]
    widget.close()


async def test_a_start_that_fails_is_shown_and_has_nothing_to_stop() -> None:
    """A short message in the cell."""
    widget = ChatWidget(prompt="Hi")
    page = Page(widget)

    widget.fail("Nobody answers there.")
    await until(lambda: page.view["problem"])

    assert page.view["problem"]["message"] == "Nobody answers there."
    assert page.view["phase"] == "error"
    widget.close()


async def test_stop_may_be_somebody_elses() -> None:
    """Before there is a session, whoever starts it can be told to give up."""
    stopped = threading.Event()
    widget = ChatWidget(prompt="Hi", on_stop=stopped.set)

    assert await Page(widget).wants(op="stop") is None

    assert stopped.is_set()
    widget.close()


@pytest.mark.usefixtures("default")
async def test_the_first_prompt_of_an_empty_widget_makes_the_chat() -> None:
    """`ChatWidget()` is a chat like any other."""
    widget = ChatWidget()
    page = Page(widget)

    assert await page.wants(op="send", text="Hi") is None

    await until(lambda: page.view["rows"])
    assert widget.session is not None
    assert page.view["rows"][0]["blocks"][0]["text"] == "Hi"
    session = widget.session
    widget.close()
    await session.aclose()


@pytest.mark.usefixtures("default")
async def test_a_chat_is_opened_by_its_id(coder: FakeCoder) -> None:
    """And shown whole."""
    coder.chat.store("user", "Hi")
    coder.chat.store("assistant", "Hello")
    widget = ChatWidget(CHAT_ID)
    page = Page(widget)

    await until(lambda: page.text == "Hello")

    session = widget.session
    assert session is not None
    widget.close()
    await session.aclose()


@pytest.mark.usefixtures("default")
async def test_a_chat_that_is_not_there_is_said_so() -> None:
    """Nothing is half there."""
    widget = ChatWidget("00000000-0000-4000-8000-000000000000")
    page = Page(widget)

    await until(lambda: page.view["problem"])

    assert widget.session is None
    widget.close()


async def test_close_undoes_everything(coder: FakeCoder, session: ChatSession) -> None:
    """The session stays open for others, and forgets the widget."""
    widget = ChatWidget(session)
    line = Page(widget).wire
    await session.send("Count")
    widget.close()
    sent = len(line.of("patch"))
    coder.chat.set_status("running")
    coder.chat.write("one")
    await session.until(lambda state: latest_answer(state) == "one")
    gone = weakref.ref(widget)
    assert len(line.of("patch")) == sent

    del widget, line
    gc.collect()

    assert gone() is None
    assert session in known_sessions()


async def test_nothing_secret_is_in_a_trait(
    coder: FakeCoder, session: ChatSession
) -> None:
    """Traits are saved with notebooks."""
    coder.chat.store("user", "Hi")
    widget = ChatWidget(session)

    assert TOKEN not in repr(widget.get_state()) + repr(widget)
    widget.close()
