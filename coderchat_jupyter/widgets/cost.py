"""The cost explorer: what the chats of this notebook cost, kept up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coderchat_jupyter.bridge.cost_twin import (
    cost_html,
    cost_markdown,
    cost_plain,
    cost_summary,
)
from coderchat_jupyter.bridge.cost_view import (
    COST_INTENT,
    CostView,
    RefreshCosts,
    UseZone,
)
from coderchat_jupyter.bridge.costs import cost_view
from coderchat_jupyter.errors import CoderChatError
from coderchat_jupyter.session import (
    ChatSession,
    background,
    default_client,
    known_sessions,
    on_session,
)
from coderchat_jupyter.session.costs import CostReader, Ledger, Scope
from coderchat_jupyter.widgets._base import BridgeWidget
from coderchat_jupyter.widgets._farewell import freeze_at_exit
from coderchat_jupyter.widgets._twins import AfterCell, Cells, await_first_look
from coderchat_jupyter.wire.chats import SETTLED_STATUSES

if TYPE_CHECKING:
    from coderchat_jupyter.client import Client

__all__ = ["CostExplorer"]


class CostExplorer(BridgeWidget[CostView]):
    """What chats cost over time, stacked by model, with a table by chat.

    Costs are estimates: the usage of each stored answer times today's price of its
    model. Answers whose model has no price are counted apart and are in no sum. Reads
    again by itself at the end of each turn of a chat that is open in this kernel.

    Args:
        client: The server; None is the one that `%chat` talks to.
        chats: Ids of chats, or anything with a `chat_id`. None: the chats that this
            kernel opened, and those that are labelled with this notebook.
    """

    kind = "cost"
    _has_begun = False

    def __init__(
        self, client: Client | None = None, chats: Iterable[Any] | None = None
    ) -> None:
        self._client = client
        self._scope = Scope.of(chats)
        self._zone: tzinfo | None = None
        self._read_last: tuple[datetime, Ledger] | None = None
        self._reader: CostReader | None = None
        self._cells = Cells()
        self._saved: dict[str, str] = {}
        self._is_unheard = self._has_page = False
        self._after_cell = AfterCell()
        self._reading = asyncio.Lock()
        self._watched: dict[ChatSession, Callable[[], None]] = {}
        super().__init__(CostView())
        self.on_msg(self._on_page)
        self._has_begun = True
        self._unsubscribe = on_session(self._watch)
        for session in known_sessions():
            self._watch(session)
        self._loading = background().submit(self._load())

    def __repr__(self) -> str:
        return f"<CostExplorer: {cost_summary(self.present())}>"

    def refresh(self) -> Future[None]:
        """Read everything again; what is shown follows. Returns at once."""
        return background().submit(self._load())

    def freeze(self) -> None:
        """Replace the widget in its cells by a picture that needs no kernel."""
        self._cells.freeze(self._twins())

    def close(self) -> None:
        """Let go of the chats, then of every page."""
        if not self._has_begun:
            return  # refused by its own constructor, and collected now
        self._unsubscribe()
        self._after_cell.forget()
        watched, self._watched = self._watched, {}
        for unsubscribe in watched.values():
            unsubscribe()
        self._loading.cancel()
        super().close()

    async def handle(self, intent: dict[str, Any]) -> None:
        """Read again, or show the same in another time zone."""
        match COST_INTENT.validate_python(intent):
            case UseZone(zone=name):
                self._use(_zone(name))
            case RefreshCosts():
                await self._load()

    def mimebundle(self) -> dict[str, Any]:
        """What a cell shows, by type: the live view, and its static twins."""
        bundle = super()._repr_mimebundle_()
        live = bundle[0] if bundle is not None else {}
        return {**live, **self._twins()}

    async def _load(self) -> None:
        """Read and show; what was shown stays when that fails. One at a time."""
        async with self._reading:
            self.publish(self.present().model_copy(update={"refreshing": True}))
            try:
                view = await self._read()
            except CoderChatError as error:
                before = self.present()
                phase = "ready" if before.phase == "ready" else "failed"
                problem = {"phase": phase, "problem": str(error), "refreshing": False}
                view = before.model_copy(update=problem)
            self.publish(view, is_urgent=True)
            self._save_twins()

    async def _read(self) -> CostView:
        # Our own server may be gone after a quiet time; this brings it back.
        client = self._client
        if client is None:
            client = await asyncio.to_thread(default_client, on_progress=self._tell)
        if self._reader is None or self._reader.client is not client:
            self._reader = CostReader(client)
        now = datetime.now().astimezone()
        self._read_last = now, await self._reader.read(self._scope, now=now)
        return self._drawn(*self._read_last)

    def _tell(self, progress: str) -> None:
        """Say how the start of our own server goes. Called on a thread of its own."""
        view = self.present()
        if view.phase == "loading":
            self.publish(view.model_copy(update={"notice": progress}))

    def _drawn(self, now: datetime, ledger: Ledger) -> CostView:
        return cost_view(
            ledger.requests,
            now=now,
            zone=self._zone or now.tzinfo or UTC,
            chats=ledger.chats,
            server_micros=ledger.server_micros,
        )

    def _use(self, zone: tzinfo) -> None:
        """Cut the time anew; nothing is read again."""
        if zone == self._zone:
            return
        self._zone = zone
        if self._read_last is not None and self.present().phase == "ready":
            before = self.present()
            drawn = self._drawn(*self._read_last)
            kept = {"problem": before.problem, "refreshing": before.refreshing}
            self.publish(drawn.model_copy(update=kept))
            self._save_twins()

    def _watch(self, session: ChatSession) -> None:
        """Read again whenever a turn of this session ends."""
        if self._is_closed or session in self._watched:
            return
        before = session.state.status

        def on_change() -> None:
            nonlocal before
            after = session.state.status
            ended = after in SETTLED_STATUSES and before not in SETTLED_STATUSES
            before = after
            if ended and not self._is_closed:
                self._loading = background().submit(self._load())

        self._watched[session] = session.subscribe(on_change)

    def _on_page(self, *_: object) -> None:
        self._has_page = True

    def _twins(self) -> dict[str, str]:
        view = self.present()
        return {
            "text/plain": cost_plain(view),
            "text/markdown": cost_markdown(view),
            "text/html": cost_html(view),
        }

    def _show_here(self) -> None:
        """Say again, in the name of the cell that runs now, what no page has heard.

        Programs that execute notebooks listen to the running cell alone.
        """
        if self._is_unheard and not self._has_page:
            self._cells.update(self.mimebundle())
        self._is_unheard = False

    def _save_twins(self) -> None:
        """Bring what a notebook saves up to date: its outputs, the widget's state."""
        if self._is_closed:
            return
        twins = self._twins()
        if self._saved and twins != self._saved:
            self._saved = twins
            self._is_unheard = True
            self._cells.update(self.mimebundle())
        self.save()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        await_first_look(self._loading)
        return self.mimebundle(), {}

    def _ipython_display_(self, **_: Any) -> None:
        await_first_look(self._loading)
        self._saved = self._twins()
        self._cells.show(self.mimebundle())
        freeze_at_exit(self)
        self._after_cell.listen(self._show_here)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Not every system knows every zone; the kernel's own is as good as any.
        raise ValueError("This kernel does not know the time zone.") from None
