"""What each trigger does to a chat, as a table. No I/O, no clock.

A chat rests in `waiting` or `error`, wants a worker in `pending`, has one in
`running`, and waits for its client in `requires_action`. `engine.moves` is the one
place that applies what is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Literal, TypeAlias

__all__ = ["Incoming", "RunFate", "Status", "Transition", "Trigger", "decide"]

Status: TypeAlias = Literal["waiting", "pending", "running", "requires_action", "error"]


class Trigger(Enum):
    """What can happen to a chat."""

    SEND = "send"
    SEND_INTERRUPTING = "send, interrupting"
    EDIT = "edit"
    INTERRUPT = "interrupt"
    PROMOTE = "promote"
    ARCHIVE = "archive"
    CLOSE = "the parent closes its child"
    ACQUIRE = "a worker begins"
    FINISH = "the run is done"
    FAIL = "the run failed"
    PARK = "the run needs its client"
    SUBMIT = "the client gave all results"
    TIME_OUT = "the client gave none in time"
    SWEEP = "the chat was left behind"
    SHUTDOWN = "the server stops"
    RECOVER = "the worker is gone"
    YIELD = "another server asked the run to end"
    LOSE = "another server took the chat from the run"


class Incoming(Enum):
    """Where the user's new message goes."""

    HISTORY = "history"
    QUEUE = "queue"


class RunFate(Enum):
    """What becomes of the run in progress."""

    GOES_ON = "goes on"
    CUT_KEEPING = "cut, its partial answer stored"
    CUT_DISCARDING = "cut, its partial answer dropped"
    ASKED_TO_END = "told to end itself, on the server that has it"


@dataclass(frozen=True, slots=True)
class Transition:
    """What to do, all in one transaction.

    Attributes:
        status: The new status; None leaves it.
        incoming: Where the new message goes, for triggers that bring one.
        run: What becomes of the run in progress.
        promotes: If anything waits in the queue, its head becomes a message and
            the chat pending, whatever `status` says.
        clears_error: The stored error is void.
        clears_queue: All that waits is dropped.
        answers: What the calls that the chat waits for are told, so that none is
            left without a result.
        silent: Nobody is told of the new status.
    """

    status: Status | None = None
    incoming: Incoming | None = None
    run: RunFate = RunFate.GOES_ON
    promotes: bool = False
    clears_error: bool = False
    clears_queue: bool = False
    answers: str | None = None
    silent: bool = False

    @property
    def begins_anew(self) -> bool:
        """Whether what was seen of the answer will be written again."""
        is_void = self.run is RunFate.CUT_DISCARDING and self.incoming is None
        return is_void and self.status == "pending"

    @property
    def rests_first(self) -> bool:
        """Whether `waiting` is told before what waits in the queue is promoted."""
        unanswered = self.answers is not None and self.status == "waiting"
        return unanswered or self.run is RunFate.CUT_KEEPING


_NOTHING: Final = Transition()
_QUEUED: Final = Transition(incoming=Incoming.QUEUE)
_SENT: Final = Transition(
    status="pending", incoming=Incoming.HISTORY, clears_error=True
)
# What waits was sent first: the new message joins the end and the head runs.
_SENT_BEHIND: Final = Transition(
    incoming=Incoming.QUEUE, promotes=True, clears_error=True
)
_CUT: Final = Transition(
    status="waiting",
    run=RunFate.CUT_KEEPING,
    promotes=True,
    clears_error=True,
)
_EDITED: Final = Transition(
    status="pending",
    incoming=Incoming.HISTORY,
    run=RunFate.CUT_DISCARDING,
    clears_error=True,
    clears_queue=True,
)
_PROMOTED: Final = Transition(promotes=True, clears_error=True)
_AGAIN: Final = Transition(status="pending", run=RunFate.CUT_DISCARDING)
_LOST: Final = Transition(run=RunFate.CUT_DISCARDING)
_RESTED: Final = Transition(status="waiting", clears_error=True)
_UNPARKED: Final = Transition(
    status="waiting",
    promotes=True,
    clears_error=True,
    answers="Tool execution interrupted by user",
)

# Its partial answer is still to come, and that is told first.
_OWED: Final = Transition(
    status="waiting", run=RunFate.ASKED_TO_END, clears_error=True, silent=True
)

_TABLE: Final[dict[Trigger, dict[str, Transition]]] = {
    Trigger.SEND: {
        "waiting": _SENT,
        "error": _SENT,
        "pending": _QUEUED,
        "running": _QUEUED,
        "requires_action": _QUEUED,
    },
    Trigger.SEND_INTERRUPTING: {
        "waiting": _SENT,
        "error": _SENT,
        "pending": _QUEUED,
        "running": replace(_CUT, incoming=Incoming.QUEUE),
        "requires_action": replace(_UNPARKED, incoming=Incoming.QUEUE),
    },
    Trigger.EDIT: {
        "waiting": _EDITED,
        "error": _EDITED,
        "pending": _EDITED,
        "running": _EDITED,
        "requires_action": _EDITED,
    },
    Trigger.INTERRUPT: {
        "waiting": _RESTED,
        "error": _RESTED,
        "pending": _NOTHING,
        "running": _CUT,
        "requires_action": _UNPARKED,
    },
    Trigger.PROMOTE: {
        "waiting": _PROMOTED,
        "error": _PROMOTED,
        "pending": _PROMOTED,
        "running": _CUT,
        "requires_action": replace(
            _PROMOTED,
            answers="Tool execution interrupted by queued message promotion",
        ),
    },
    Trigger.ARCHIVE: {
        "waiting": _NOTHING,
        "error": _NOTHING,
        "pending": Transition(status="waiting"),
        "running": replace(_CUT, promotes=False),
        "requires_action": _NOTHING,
    },
    Trigger.CLOSE: {
        "waiting": _NOTHING,
        "error": _NOTHING,
        "pending": Transition(status="waiting"),
        "running": replace(_CUT, promotes=False),
        "requires_action": replace(_UNPARKED, promotes=False),
    },
    Trigger.ACQUIRE: {"pending": Transition(status="running")},
    Trigger.FINISH: {
        "running": Transition(status="waiting", promotes=True, clears_error=True)
    },
    # The queue is kept and not promoted: it would meet the same failure.
    Trigger.FAIL: {"running": Transition(status="error")},
    Trigger.PARK: {"running": Transition(status="requires_action")},
    # The worker tells, when it goes on.
    Trigger.SUBMIT: {"requires_action": Transition(status="pending", silent=True)},
    Trigger.TIME_OUT: {
        "requires_action": Transition(
            status="error", answers="Dynamic tool execution timed out"
        )
    },
    Trigger.SWEEP: {"waiting": _PROMOTED},
    Trigger.SHUTDOWN: {"running": _AGAIN},
    Trigger.RECOVER: {"running": _AGAIN},
    Trigger.YIELD: {"waiting": _CUT},
    Trigger.LOSE: {
        "waiting": _LOST,
        "error": _LOST,
        "pending": _LOST,
        "running": _LOST,
        "requires_action": _LOST,
    },
}


_BEHIND_DEBTS: Final = frozenset(
    {Trigger.SEND, Trigger.SEND_INTERRUPTING, Trigger.INTERRUPT, Trigger.PROMOTE}
)


def decide(
    trigger: Trigger,
    status: str,
    *,
    queued: bool,
    elsewhere: bool = False,
    owed: bool = False,
) -> Transition | None:
    """What `trigger` does to a chat in `status`.

    Args:
        trigger: What happens.
        status: The chat's status.
        queued: Whether messages wait in its queue.
        elsewhere: Whether another server runs it, which alone has the partial
            answer: it is asked to end, and does and tells the rest
            (`Trigger.YIELD`).
        owed: Whether another server was asked so, and has not done it yet.

    Returns:
        None if it does not apply: what triggered it came too late.
    """
    found = _TABLE[trigger].get(status)
    if found is not None and owed and trigger in _BEHIND_DEBTS:
        incoming = Incoming.QUEUE if found.incoming is not None else None
        return replace(_OWED, incoming=incoming)
    if found is _SENT and queued:
        return _SENT_BEHIND
    if found is not None and elsewhere and found.run is RunFate.CUT_KEEPING:
        return replace(found, run=RunFate.ASKED_TO_END, promotes=False, silent=True)
    return found
