"""What section 4 of the protocol says of a chat, with our differences (D1).

Written from the protocol, not from the engine. A worker takes up at once what is
pending, so that the model knows no such status.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tests.server.machine.stage import MICROS

__all__ = ["MAX_QUEUED", "Chat", "Said"]

MAX_QUEUED: Final = 20
MAX_ATTEMPTS: Final = 25

Said: TypeAlias = tuple[str, str]
"""The role of a message, and its text, or the calls and results in it."""


@dataclass
class Chat:
    """One chat.

    Attributes:
        status: `waiting`, `running`, `requires_action` or `error`.
        history: Its messages.
        queue: What waits.
        archived: Whether nothing may be done to it.
        partial: What the running step has said.
        calls: What it waits for, when it is parked.
        attempts: How often the running step was begun in vain.
        micros: What all its steps cost, also those that an edit removed.
    """

    status: str = "running"
    history: list[Said] = field(default_factory=list)
    queue: list[str] = field(default_factory=list)
    archived: bool = False
    partial: str = ""
    calls: list[str] = field(default_factory=list)
    attempts: int = 0
    micros: int = 0

    @property
    def rests(self) -> bool:
        """Whether nothing goes on."""
        return self.status in ("waiting", "error")

    # What users do. Each gives the status of its refusal, or 0.

    def send(self, text: str, *, interrupting: bool) -> int:
        """A message."""
        if self.archived:
            return 400
        if len(self.queue) >= MAX_QUEUED:
            return 429
        if self.rests:
            # What waits was sent before.
            self.queue.append(text)
            self._promote()
            return 0
        self.queue.append(text)
        if interrupting:
            self._cut("Tool execution interrupted by user")
            self._promote()
        return 0

    def edit(self, number: int, text: str) -> int:
        """Another message in place of the user's `number`th and all after it."""
        if self.archived:
            return 400
        users = [i for i, (role, _) in enumerate(self.history) if role == "user"]
        del self.history[users[number] :]
        self.queue.clear()
        self.calls.clear()
        self._begin(text)
        return 0

    def interrupt(self) -> int:
        """Stop what runs; what waits goes on."""
        if self.rests:
            self.status = "waiting"
            return 0
        self._cut("Tool execution interrupted by user")
        self._promote()
        return 0

    def promote(self, place: int) -> int:
        """One that waits, now."""
        if self.archived:
            return 400
        self.queue.insert(0, self.queue.pop(place))
        if not self.rests:
            self._cut("Tool execution interrupted by queued message promotion")
        self._promote()
        return 0

    def drop(self, place: int) -> int:
        """One that waits, never."""
        del self.queue[place]
        return 0

    def archive(self, *, archived: bool) -> int:
        """Put it away, or take it out again."""
        if archived == self.archived:
            return 400
        if self.status == "running" and archived:
            self._cut("")
        self.archived = archived
        return 0

    def results(self, outputs: dict[str, str]) -> int:
        """What the client's tools came to."""
        if self.archived:
            return 400
        if self.status != "requires_action":
            return 409
        if sorted(outputs) != sorted(self.calls):
            return 400
        self.history += [("tool", f"{call}={told}") for call, told in outputs.items()]
        self.calls.clear()
        self.attempts = 0
        self.status = "running"
        return 0

    # What the vendor does to a running chat.

    def say(self, text: str) -> None:
        """A piece of the answer."""
        self.partial += text

    def finish(self) -> None:
        """The answer is whole. One without content is no message, and costs nothing."""
        if self.partial:
            self._step(self.partial)
        self.status = "waiting"
        self._promote()

    def call(self, call_id: str) -> None:
        """The client is asked."""
        self._step(f"{self.partial}[{call_id}]")
        self.calls = [call_id]
        self.status = "requires_action"

    def fail(self) -> None:
        """What runs is over; what waits stays."""
        self.partial = ""
        self.status = "error"

    def break_off(self) -> None:
        """The vendor is busy: it is asked again from the start, and not for ever."""
        self.partial = ""
        self.attempts += 1
        if self.attempts == MAX_ATTEMPTS:
            self.fail()

    # What nobody does.

    def pass_time(self) -> None:
        """Longer than anybody waits."""
        if self.status == "requires_action":
            self._answer("Dynamic tool execution timed out")
            self.status = "error"
        elif self.status == "waiting" and not self.archived:
            self._promote()

    def die(self) -> None:
        """The server ends in the middle; another takes up what it left."""
        self.partial, self.attempts = "", 0

    def _step(self, text: str) -> None:
        self.history.append(("assistant", text))
        self.micros += MICROS
        self.partial = ""

    def _cut(self, why: str) -> None:
        if self.status == "requires_action":
            self._answer(why)
        elif self.partial:
            self.history.append(("assistant", self.partial))
        self.partial = ""
        self.status = "waiting"

    def _answer(self, why: str) -> None:
        self.history += [("tool", f"{call}!{why}") for call in self.calls]
        self.calls.clear()

    def _promote(self) -> None:
        if self.queue and not self.archived:
            self._begin(self.queue.pop(0))

    def _begin(self, text: str) -> None:
        self.history.append(("user", text))
        self.partial, self.attempts = "", 0
        self.status = "running"
