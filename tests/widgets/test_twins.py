"""What a cell is saved with: the view while it lives, and twins that need no kernel."""

from __future__ import annotations

from typing import Any

import pytest

from coderchat_jupyter.session import ChatSession
from coderchat_jupyter.widgets.chat import ChatWidget
from tests.fakes.server import FakeCoder
from tests.widgets.conftest import until
from tests.widgets.page import Page


class Cell:
    """What a cell shows, as the kernel's display calls make it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown: list[dict[str, Any]] = []
        monkeypatch.setattr("IPython.display.display", self._show)
        monkeypatch.setattr("IPython.display.update_display", self._show)

    def _show(self, data: dict[str, Any], **_: Any) -> None:
        self.shown.append(data)


async def _turn(coder: FakeCoder, session: ChatSession) -> None:
    await session.send("Count")
    coder.chat.set_status("running")
    coder.chat.write("one")
    coder.chat.commit()
    coder.chat.finish()
    await session.idle()


async def test_where_no_page_is_the_twins_follow_each_turn(
    coder: FakeCoder, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook that is run without a screen is saved with its answers."""
    cell = Cell(monkeypatch)
    widget = ChatWidget(session)
    widget._ipython_display_()

    await _turn(coder, session)
    await until(lambda: "one" in cell.shown[-1]["text/plain"])

    assert "application/vnd.jupyter.widget-view+json" in cell.shown[-1]
    widget.close()


async def test_a_page_that_is_open_is_not_drawn_anew(
    coder: FakeCoder, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take focus and scroll from the reader at the end of each turn."""
    cell = Cell(monkeypatch)
    widget = ChatWidget(session)
    widget._ipython_display_()
    page = Page(widget)
    page.wire.page_sends({"kind": "snapshot", "rev": page.rev})

    await _turn(coder, session)
    await until(lambda: page.wire.states)

    assert len(cell.shown) == 1
    assert "one" in str(page.wire.states[-1]["view"])
    widget.freeze()
    assert set(cell.shown[-1]) == {"text/plain", "text/markdown", "text/html"}
    widget.close()


async def test_a_static_turn_freezes_when_it_ends(
    coder: FakeCoder, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is then no widget any more."""
    cell = Cell(monkeypatch)
    sent = await session.send("Count")
    assert sent.message is not None
    widget = ChatWidget(session, turn=sent.message.id, persist="static")
    widget._ipython_display_()
    coder.chat.set_status("running")
    coder.chat.write("one")
    coder.chat.commit()
    coder.chat.finish()

    await until(lambda: len(cell.shown) > 1)

    assert "one" in cell.shown[-1]["text/markdown"]
    assert "application/vnd.jupyter.widget-view+json" not in cell.shown[-1]
    widget.close()


async def test_a_cell_gets_the_view_and_its_static_twins(
    coder: FakeCoder, session: ChatSession
) -> None:
    """Where no widget can run, the chat is still there to read."""
    coder.chat.store("user", "What is **it**?")
    coder.chat.store("assistant", "It is *this*.")
    await session.until(lambda state: len(state.messages) == 2)
    widget = ChatWidget(session)

    bundle, _ = widget._repr_mimebundle_()

    assert "application/vnd.jupyter.widget-view+json" in bundle
    for kind in ("text/plain", "text/markdown", "text/html"):
        assert "What is" in bundle[kind]
    widget.close()
