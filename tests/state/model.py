"""A server as the protocol describes it: valid conversations for the reducer.

Each operation changes what the server holds and says so, in the order and with the
liberties of its release. Who connects later is told what it holds by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from coderchat_jupyter.wire.framing import Batch
from coderchat_jupyter.wire.messages import MessagesPage, QueuedMessage
from tests.state.build import (
    batch,
    error,
    message,
    message_value,
    page,
    part,
    queue,
    queued,
    retry,
    sign,
    status,
    tool_call,
    tool_result,
)

__all__ = ["OPERATIONS", "Held", "Release", "Server", "Told"]

Json = dict[str, Any]
Release = Literal["v2.33", "v2.34", "v2.36"]

OPERATIONS: Final = (
    "write",
    "think",
    "call",
    "commit",
    "finish",
    "send",
    "interrupt",
    "queue",
    "unqueue",
    "retry",
    "fail",
    "edit",
    "noise",
)


@dataclass(frozen=True)
class Held:
    """What a server holds at one moment.

    Attributes:
        parts: Streamed parts of the running step; v2.33: of the turn.
        step: The content of the running step, as it is going to be stored.
    """

    release: Release
    messages: tuple[tuple[int, str, tuple[Any, ...]], ...] = ()
    status: str = "waiting"
    queue: tuple[int, ...] = ()
    parts: tuple[Json, ...] = ()
    step: tuple[Any, ...] = ()
    is_retrying: bool = False
    was_edited: bool = False
    version: int = 1
    attempt: int = 1
    seq: int = 0
    last_id: int = 2

    @property
    def page(self) -> MessagesPage:
        """The newest page, and so all messages."""
        waiting = (QueuedMessage.model_validate(_queued(i)) for i in self.queue)
        known = (message_value(i, role, *parts) for i, role, parts in self.messages)
        return page(*known, queue=tuple(waiting))

    def snapshot(self, after_id: int) -> Batch:
        """What a new connection is told before anything happens."""
        is_newer = self.release == "v2.36"
        if is_newer and self.was_edited:
            after_id = 0
        told = [message(i, r, *p) for i, r, p in self.messages if i > after_id]
        waiting = [queue(*map(_queued, self.queue))] if self.queue else []
        again = [retry()] if self.is_retrying else []
        if not is_newer:
            return batch(status(self.status), *again, *self.parts, *told, *waiting)
        reset = [sign("history_reset")] if self.was_edited else []
        failed = [error()] if self.status == "error" else []
        return batch(
            *reset,
            *told,
            *waiting,
            status(self.status),
            *failed,
            *again,
            sign("preview_reset"),
            *self.parts,
        )


@dataclass(frozen=True)
class Told:
    """One operation: what was said of it, and what is held after it.

    Attributes:
        may_lose: A view may show less after it: a retry, an edit, a run after a
            failed one.
    """

    events: Batch
    held: Held
    may_lose: bool = False


@dataclass
class Server:
    """Does what it is told to, as far as its state allows.

    Args:
        release: Whose order and habits it has.
        chance: Numbers that decide where the release leaves a choice.
    """

    release: Release
    chance: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.held = Held(self.release)
        self.said: list[Json] = []

    @property
    def is_newer(self) -> bool:
        return self.release == "v2.36"

    def do(self, operation: str, number: int) -> Told | None:
        """Carry out an operation; None if it makes no sense now."""
        before, self.said = self.held, []
        run = getattr(self, f"_{operation}")
        if run(number) is False:
            self.held = before
            return None
        is_new_run = before.status == "error" and self.held.status != "error"
        may_lose = operation in ("retry", "edit") or is_new_run
        return Told(batch(*self.said), self.held, may_lose)

    def _toss(self) -> bool:
        return bool(self.chance and self.chance.pop() % 2)

    def _say(self, *events: Json) -> None:
        self.said += events

    def _set(self, **changes: Any) -> None:
        self.held = replace(self.held, **changes)

    def _status(self, name: str) -> list[Json]:
        self._set(status=name)
        return [status(name)] * (1 if self.is_newer else 2)

    def _store(self, role: str, *parts: Any) -> Json:
        made = self.held.last_id + 1
        stored = (made, role, parts)
        self._set(messages=(*self.held.messages, stored), last_id=made)
        return message(made, role, *parts)

    def _part(self, event: Json) -> None:
        if self.is_newer:
            self._set(seq=self.held.seq + 1)
            inner = event["message_part"] | {
                "history_version": self.held.version,
                "generation_attempt": self.held.attempt,
                "seq": self.held.seq,
            }
            event = event | {"message_part": inner}
        self._set(parts=(*self.held.parts, event), is_retrying=False)
        self._say(event)

    def _new_step(self, *, is_run: bool = False) -> None:
        """The parts so far are claimed by a message, or void."""
        keeps = self.release == "v2.33" and not is_run
        self._set(
            parts=self.held.parts if keeps else (),
            step=(),
            version=self.held.version + 3,
            attempt=1,
            seq=0,
        )

    def _run(self, prompt: Json) -> None:
        self._new_step(is_run=True)
        if self.is_newer:
            is_new = self.held.status != "running"
            told = self._status("running") if is_new else []
            self._say(prompt, *self._queue_told, *told, sign("preview_reset"))
            self._say(sign("preview_reset"))
            return
        first, second = self._status("pending")
        is_early = self._toss() and not self._queue_told
        self._say(
            *([first, prompt] if is_early else [prompt, *self._queue_told, first])
        )
        self._say(second, *self._status("running"))

    _queue_told: tuple[Json, ...] = ()

    def _send(self, number: int) -> bool:
        if self.held.status not in ("waiting", "error") or self.held.queue:
            return False
        self._run(self._store("user", f"ask {number}"))
        return True

    def _write(self, number: int) -> bool:
        return self._stream("text", ("Hello", " wor", "ld. ", "\n\n", "He")[number % 5])

    def _think(self, number: int) -> bool:
        return self._stream("reasoning", ("Hm ", "so", "Hello")[number % 3])

    def _stream(self, kind: str, text: str) -> bool:
        if self.held.status != "running":
            return False
        self._set(step=_longer(self.held.step, kind, text))
        self._part(part(text, kind))
        return True

    def _call(self, number: int) -> bool:
        if self.held.status != "running":
            return False
        call_id = f"c{self.held.last_id}-{len(self.held.step)}"
        asked = {"type": "tool-call", "tool_call_id": call_id, "tool_name": "look"}
        self._part(tool_call(call_id, args_delta='{"x": '))
        self._part(tool_call(call_id, args={"x": number}))
        self._set(step=(*self.held.step, asked | {"args": {"x": number}}))
        return True

    def _commit(self, number: int) -> bool:
        """A step ends: its message, and the results of its calls."""
        step = self.held.step
        if self.held.status != "running" or not _calls(step):
            return False
        self._store_step(trailing=number % 3 if not self.is_newer else 0)
        return True

    def _store_step(self, *, trailing: int = 0) -> None:
        step, parts = self.held.step, self.held.parts
        calls = _calls(step)
        if calls and not self.is_newer:
            for call in calls:
                self._part(tool_result(call["tool_call_id"], result=1))
        late = self._late(trailing, parts)
        stored = self._store("assistant", *step)
        self._new_step()
        self._say(stored, *late, *self._reset)
        for call in calls:
            if self.is_newer:
                self._part(tool_result(call["tool_call_id"], result=1))
            result = {"type": "tool-result", "tool_call_id": call["tool_call_id"]}
            self._say(self._store("tool", result | {"result": 1}))
            self._new_step()
            self._say(*self._reset)

    def _late(self, count: int, parts: tuple[Json, ...]) -> list[Json]:
        """The last text of a step may come after its message."""
        late: list[Json] = []
        while count and self.said and self.said[-1] in parts:
            if self.said[-1]["message_part"]["part"]["type"] != "text":
                break
            late.insert(0, self.said.pop())
            count -= 1
        return late

    @property
    def _reset(self) -> list[Json]:
        return [sign("preview_reset")] if self.is_newer else []

    def _finish(self, number: int) -> bool:
        if self.held.status != "running" or _calls(self.held.step):
            return False
        if self.held.step:
            self._store_step()
        stored = self.said
        if self.held.queue:
            self._promote()
            return True
        told = self._status("waiting")
        # The first copy may overtake the last message of its turn.
        is_early = not self.is_newer and self._toss()
        self.said = [told[0], *stored, told[1]] if is_early else [*stored, *told]
        return True

    def _promote(self) -> None:
        head, *rest = self.held.queue
        self._set(queue=tuple(rest))
        told = queue(*map(_queued, rest))
        self._queue_told = (told,)
        self._run(self._store("user", f"later {head}"))
        self._queue_told = ()

    def _interrupt(self, _: int) -> bool:
        if self.held.status != "running":
            return False
        self._say(*self._status("interrupting" if self.is_newer else "waiting"))
        if self.held.step:
            self._store_step()
        if self.held.queue:
            self._promote()
        else:
            self._say(*self._status("waiting"), *self._reset)
        return True

    def _queue(self, number: int) -> bool:
        if self.held.status != "running" or number in self.held.queue:
            return False
        self._set(queue=(*self.held.queue, number))
        self._say(queue(*map(_queued, self.held.queue)))
        return True

    def _unqueue(self, _: int) -> bool:
        if not self.held.queue or self.held.status == "error":
            return False
        self._set(queue=self.held.queue[1:])
        self._say(queue(*map(_queued, self.held.queue)))
        return True

    def _retry(self, _: int) -> bool:
        if self.held.status != "running":
            return False
        self._set(step=(), parts=(), is_retrying=True)
        self._set(attempt=self.held.attempt + 1, seq=0)
        self._say(retry(), *self._reset)
        return True

    def _fail(self, _: int) -> bool:
        if self.held.status != "running" or self.held.queue:
            return False
        self._new_step(is_run=True)
        told = self._status("error")
        self._say(*([*told, error()] if self.is_newer else [error(), *told]))
        return True

    def _edit(self, number: int) -> bool:
        prompts = [i for i, role, _ in self.held.messages if role == "user"]
        if not prompts:
            return False
        cut = prompts[number % len(prompts)]
        kept = tuple(m for m in self.held.messages if m[0] < cut)
        self._set(messages=kept, queue=(), was_edited=True, is_retrying=False)
        told = [message(i, role, *parts) for i, role, parts in kept]
        if self.is_newer:
            told.insert(0, sign("history_reset"))
            self._say(*told)
            self._set(status="waiting")
            self._queue_told = (queue(),)
            self._run(self._store("user", f"edit {number}"))
        else:
            self._say(*told)
            self._set(status="waiting")
            self._queue_told = (queue(),)
            self._run(self._store("user", f"edit {number}"))
        self._queue_told = ()
        return True

    def _noise(self, number: int) -> bool:
        """What nobody knows, and what is of other chats."""
        if number > 6 and self.held.status == "running":
            self._part(part("x", "of-tomorrow", newfield=number))
            return True
        other = status("running") | {"chat_id": "child"}
        unknown = sign("of-tomorrow", chat_id="chat-1")
        self._say(
            (other, unknown, message(99, "user", "x") | {"chat_id": "c"})[number % 3]
        )
        return True


def _queued(number: int) -> Json:
    return queued(number, f"later {number}")


def _calls(step: tuple[Any, ...]) -> list[Json]:
    return [p for p in step if p["type"] == "tool-call"]


def _longer(step: tuple[Any, ...], kind: str, text: str) -> tuple[Any, ...]:
    if step and step[-1]["type"] == kind:
        last = step[-1] | {"text": step[-1]["text"] + text}
        return (*step[:-1], last)
    return (*step, {"type": kind, "text": text})
