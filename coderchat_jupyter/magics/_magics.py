"""`%chat` and `%%chat`: a cell that answers."""

from __future__ import annotations

import asyncio
import atexit
import sys
from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final

from IPython.core.error import UsageError
from IPython.core.magic import no_var_expand

from coderchat_jupyter.magics._arguments import (
    Ask,
    Command,
    MagicUsageError,
    parse_cell,
    parse_line,
)
from coderchat_jupyter.magics._reply import Reply

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from coderchat_jupyter.client import Client
    from coderchat_jupyter.magics._conversation import Conversation
    from coderchat_jupyter.magics._display import NotebookDisplay

__all__ = ["AnswerStopped", "ChatMagics"]

_SHARE_OF_BODY: Final = 0.9
"""Of a request's body, for the prompt; the rest is what stands around it."""


_REMEMBERED: Final = 50
"""Answers kept for a cell that waits; one that is older was seen long ago."""


class AnswerStopped(KeyboardInterrupt):
    """A waiting cell was interrupted. Its output says all, so no trace is shown."""

    def _render_traceback_(self) -> list[str]:
        return ["Stopped."]


class _Waiting:
    """What a cell with `--wait` awaits: the reply, without a trace when it is stopped.

    Our input transformer writes the `await`.
    """

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __await__(self) -> Generator[Any, None, Reply]:
        try:
            return (yield from self._reply.__await__())
        except asyncio.CancelledError:
            raise AnswerStopped from None


class ChatMagics:
    """The magics of one shell and the conversation that they hold."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._talk: Conversation | None = None
        self._displays: deque[NotebookDisplay] = deque(maxlen=_REMEMBERED)

    @no_var_expand
    def chat(self, line: str, cell: str | None = None) -> Reply | _Waiting | None:
        """Talk to an agent of a Coder deployment.

        %%chat [--model NAME] [--new] [--wait] [-o NAME]
        PROMPT, as many lines as you like

            Sends the cell and returns at once; the answer grows below it. The next
            %%chat goes on in the same chat, and waits its turn while an answer is
            being written. The prompt is taken to the letter: braces, quotes, dollars
            and question marks mean nothing.

            --model NAME  who answers: name or id of a model of the server
            --new         begin a new chat
            --wait        the cell is done when the answer is; interrupting stops it
            -o NAME       put the reply into this variable, beside `_chat`

        %chat PROMPT    the same on one line; also  name = %chat PROMPT
        %chat           which chat this is and what it is doing
        %chat stop      stop the answer; what there is of it stays
        %chat new       let the next prompt begin a new chat

        `_chat` is the reply to the last prompt: .text, .status, .error, .usage,
        .stop(), .wait(), and `await _chat`.

        Without any setting a chat server of its own is started on first use. With
        CODER_URL and CODER_SESSION_TOKEN set, or after `coder login`, your Coder
        deployment answers. CODERCHAT_WAIT=1 makes every cell wait, for notebooks
        that are run without a screen.
        """
        try:
            asked = parse_line(line) if cell is None else parse_cell(line, cell)
        except MagicUsageError as error:
            raise UsageError(str(error)) from None
        if isinstance(asked, Command):
            self._obey(asked)
            return None
        _check_size(asked.prompt)
        reply = self._ask(asked)
        return _Waiting(reply) if asked.is_awaited else reply

    @property
    def conversation(self) -> Conversation:
        """The conversation; the first use imports what it takes."""
        if self._talk is None:
            from coderchat_jupyter.magics._conversation import Conversation

            self._talk = Conversation(_connect, self._labels)
        return self._talk

    def close(self) -> None:
        """Let go of the chat. Answers that are being written go on at the server."""
        atexit.unregister(self._freeze_unfinished)
        talk, self._talk = self._talk, None
        if talk is not None:
            from coderchat_jupyter.session import background

            background().run(talk.aclose())

    def _ask(self, ask: Ask) -> Reply:
        if getattr(self._shell, "kernel", None) is None:
            return self._ask_in_terminal(ask)
        from coderchat_jupyter.config import load
        from coderchat_jupyter.errors import ConfigurationError
        from coderchat_jupyter.magics._display import NotebookDisplay

        try:
            display = NotebookDisplay(self._shell, ask.prompt)
        except ConfigurationError as error:  # a checkout without its built page
            raise UsageError(str(error)) from None
        reply = self.conversation.ask(ask, display)
        display.bind(reply.stop)
        if not self._displays:
            atexit.register(self._freeze_unfinished)
        self._displays.append(display)
        reply._on_waited = self.show_ended
        self._keep(reply, ask)
        if not ask.is_awaited and (ask.wait or load().wait):
            _quietly(reply.wait)
        return reply

    def _freeze_unfinished(self) -> None:
        for display in self._displays:
            display.freeze_unfinished()

    def show_ended(self, *_: object) -> None:
        """Tell the cell that runs now of the answers that ended since the last one."""
        for display in tuple(self._displays):
            if display.show_here():
                self._displays.remove(display)

    def _ask_in_terminal(self, ask: Ask) -> Reply:
        from coderchat_jupyter.magics._display import TerminalDisplay
        from coderchat_jupyter.magics._terminal import print_answer

        display = TerminalDisplay()
        reply = self.conversation.ask(ask, display)
        self._keep(reply, ask)
        _quietly(lambda: print_answer(reply, display, _write))
        return reply

    def _keep(self, reply: Reply, ask: Ask) -> None:
        names = {"_chat": reply} | ({ask.out: reply} if ask.out else {})
        self._shell.push(names, interactive=ask.out is not None)

    def _obey(self, command: Command) -> None:
        talk = self.conversation
        match command.order:
            case "status":
                _write(f"{_status(talk)}\n")
            case "new":
                talk.forget()
                _write("The next prompt begins a new chat.\n")
            case "stop":
                replies = talk.open_replies()
                for reply in replies[:1]:
                    reply.stop()
                _write(f"{_stopping(replies)}\n")

    def _labels(self) -> dict[str, str]:
        from coderchat_jupyter.config import load, notebook_at

        # VS Code tells the path in a variable of the notebook instead.
        path = self._shell.user_ns.get("__vsc_ipynb_file__")
        found = notebook_at(path) if isinstance(path, str) else None
        notebook = found or load().notebook
        return notebook.labels if notebook is not None else {}


async def _connect(say: Callable[[str], None]) -> Client:
    from coderchat_jupyter.session import default_client

    # It blocks while our own server starts, which the loop must not.
    return await asyncio.to_thread(default_client, on_progress=say)


def _check_size(prompt: str) -> None:
    """Refuse what no server takes before anything is made for it."""
    if not prompt:
        raise UsageError("The prompt is empty. Nothing was sent.")
    from coderchat_jupyter.wire.messages import MAX_BODY_BYTES

    size = len(prompt.encode(errors="replace"))
    limit = int(MAX_BODY_BYTES * _SHARE_OF_BODY)
    if size > limit:
        raise UsageError(
            f"The prompt is too long: {size / 1e6:,.1f} MB, and a server takes "
            f"{limit // 1000} kB. Nothing was sent."
        )


def _quietly(wait: Callable[[], Any]) -> None:
    try:
        wait()
    except KeyboardInterrupt:
        raise AnswerStopped from None


def _status(talk: Conversation) -> str:
    session = talk.session
    replies = talk.open_replies()
    if session is None:
        if replies:
            return replies[0]._facts.notice or "The first prompt is on its way."
        return "There is no chat yet. %%chat begins one; %chat? tells more."
    from coderchat_jupyter.bridge._clean import strip_controls

    state = session.state
    title = strip_controls(state.chat.title) if state.chat is not None else ""
    lines = [
        f"Chat {session.chat_id}" + (f": {title}" if title else ""),
        f"Server {session.client.url}",
        f"Status {state.status or 'unknown'}, {len(state.queue)} waiting",
    ]
    if session.link.phase != "live":
        lines.append(f"Connection {session.link.phase} {session.link.error}".rstrip())
    return "\n".join(lines)


def _stopping(replies: tuple[Reply, ...]) -> str:
    if not replies:
        return "Nothing is being answered."
    if len(replies) == 1:
        return "Stopped. What there is of the answer stays."
    return f"Stopped. The next of {len(replies) - 1} waiting prompts is answered now."


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
