"""The chat widget: a window on a session, with no opinions of its own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Final, Literal

from coderchat_jupyter.bridge.diff import diff
from coderchat_jupyter.bridge.intents import CHAT_INTENT, ChatIntent, Send, Stop
from coderchat_jupyter.bridge.project import Projector, Scene
from coderchat_jupyter.bridge.view import ChatView
from coderchat_jupyter.errors import CoderChatError
from coderchat_jupyter.session import ChatSession, background
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.widgets import _twins
from coderchat_jupyter.widgets._base import BridgeWidget
from coderchat_jupyter.widgets._dispatch import dispatch
from coderchat_jupyter.widgets._farewell import freeze_at_exit
from coderchat_jupyter.widgets._opening import create_session, list_models, open_session
from coderchat_jupyter.wire.chats import SETTLED_STATUSES
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["ChatWidget"]

_OPENING: Final = "Opening the chat"


class ChatWidget(BridgeWidget[ChatView]):
    """A live chat in a cell.

    Without arguments it is a new chat, made with the first prompt. With a session,
    or the id of a chat, it shows that chat whole. With `turn` it shows one turn and
    no prompt box, as the cell magic does.

    Down: a page that opens asks for a snapshot, then follows patches. Up: intents
    only. The page never writes to a trait. All methods may be called from any
    thread.
    """

    kind = "chat"

    def __init__(
        self,
        session: ChatSession | str | None = None,
        *,
        turn: int | None = None,
        prompt: str = "",
        persist: Literal["static", "widget"] = "widget",
        on_stop: Callable[[], None] | None = None,
    ) -> None:
        """Show a chat.

        Args:
            session: The chat, its id, or None for a new one.
            turn: Id of the user message whose turn alone is shown.
            prompt: What was asked, shown until its message is stored; makes the
                widget show one turn.
            persist: `static` replaces what cells show by a picture that needs no
                kernel: at the end of the turn that is shown, else on `close`.
            on_stop: Called in place of stopping the session.
        """
        self._mode = "chat" if turn is None and not prompt else "turn"
        self._scene = Scene(mode=self._mode, turn=turn, prompt=prompt)
        self._scene_lock = threading.RLock()
        self._session: ChatSession | None = None
        self._unsubscribe: Callable[[], None] = _nothing
        self._project = Projector()
        self._persist = persist
        self._on_stop = on_stop
        self._cells = _twins.Cells()
        self._pending: set[Future[None]] = set()
        if isinstance(session, ChatSession):
            self._scene = replace(self._scene, state=session.state, link=session.link)
        # Before super(), which sends the view.
        super().__init__(self._project(self._scene))
        if isinstance(session, ChatSession):
            self.attach(session, turn=turn)
        elif session is not None:
            self.notice(_OPENING)
            self._later(self._open(ChatId(session)))
        elif self._mode == "chat":
            self._later(self._list_models())

    @property
    def session(self) -> ChatSession | None:
        """The session that is shown; None before there is a chat."""
        return self._session

    def attach(self, session: ChatSession, *, turn: int | None = None) -> None:
        """Show `session` from now on; in `turn` mode the turn, once it is known."""
        if self._is_closed:
            return
        if session is not self._session:
            self._unsubscribe()
            self._session = session
            self._unsubscribe = session.subscribe(self._on_change)
            self._later(self._list_models())
        notice = self._scene.notice if self._mode == "turn" and turn is None else ""
        self._set(turn=turn, notice=notice, failure="")

    def notice(self, text: str) -> None:
        """Say in the status line what happens before there is an answer."""
        self._set(notice=text)

    def fail(self, text: str) -> None:
        """Show why there will be no answer."""
        self._set(failure=text, notice="")

    def freeze(self) -> None:
        """Replace the widget in its cells by a picture that needs no kernel."""
        self._cells.freeze(self._bundle())

    def close(self) -> None:
        """Let go of the session, then of every page. The session stays open."""
        self._unsubscribe()
        self._unsubscribe = _nothing
        for future in list(self._pending):
            future.cancel()
        if self._persist == "static" and not self._is_closed:
            self.freeze()
        super().close()

    def mimebundle(self) -> dict[str, Any]:
        """What a cell shows, by type: the live view, and its static twins."""
        bundle = super()._repr_mimebundle_()
        live = bundle[0] if bundle is not None else {}
        return {**live, **self._bundle()}

    def present(self) -> ChatView:
        """The view as it is now."""
        with self._scene_lock:
            session = self._session
            if session is not None:
                state, link = session.state, session.link
                self._scene = replace(self._scene, state=state, link=link)
            return self._project(self._scene)

    def patches(self, before: ChatView, after: ChatView) -> tuple[Any, ...]:
        """What makes `after` of `before`."""
        return diff(before, after)

    async def handle(self, intent: dict[str, Any]) -> None:
        """Do what a user wants; see `bridge.intents` for the list."""
        wanted = CHAT_INTENT.validate_python(intent)
        match wanted:
            case Stop() if self._on_stop is not None:
                self._set(is_stopping=True)
                self._on_stop()
            case Send() if self._session is None:
                await self._create(wanted)
            case _ if self._session is None:
                raise ValueError("There is no chat yet.")
            case _:
                await self._act(self._session, wanted)

    async def _create(self, first: Send) -> None:
        try:
            self.attach(await create_session(first, self.notice))
        except BaseException:
            self.notice("")
            raise

    async def _act(self, session: ChatSession, wanted: ChatIntent) -> None:
        if isinstance(wanted, Stop):
            self._set(is_stopping=True)
        try:
            await dispatch(session, wanted)
        except BaseException:
            self._set(is_stopping=False)
            raise

    def _on_change(self) -> None:
        """State or link changed; called on the background loop."""
        session = self._session
        if session is None:
            return
        before, after = self._scene.state, session.state
        has_turned = before.status != after.status
        if has_turned and after.status in SETTLED_STATUSES:
            self._set(is_stopping=False)
            self._on_rest(after)
        self.changed(is_urgent=has_turned)

    def _on_rest(self, state: ChatState) -> None:
        """A turn ended: what hosts save of the widget must not stay behind."""
        if not state.messages:
            return
        if self._mode == "turn":
            if self._persist == "static" and self._scene.turn is not None:
                self.freeze()
            return
        self.changed(is_urgent=True)
        self.save()
        # An update of a cell draws its widget anew, which would take focus and
        # scroll from a reader; where no page is, the twins are all that is saved.
        if not self._has_page:
            self._cells.update(self.mimebundle())

    def _set(self, **changes: Any) -> None:
        with self._scene_lock:
            self._scene = replace(self._scene, **changes)
        self.changed(is_urgent=True)

    async def _open(self, chat_id: ChatId) -> None:
        try:
            self.attach(await open_session(chat_id))
        except CoderChatError as error:
            self.fail(str(error))

    async def _list_models(self) -> None:
        # Names and prices only: without them a chat works as well.
        with contextlib.suppress(CoderChatError):
            self._set(models=await list_models(self._session))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        future = background().submit(work)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)

    def _bundle(self) -> dict[str, str]:
        with self._scene_lock:
            return _twins.bundle(self.present(), self._scene)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.mimebundle(), {}

    def _ipython_display_(self, **_: Any) -> None:
        self._cells.show(self.mimebundle())
        freeze_at_exit(self)


def _nothing() -> None:
    return None
