"""The table of what can happen to a chat."""

from __future__ import annotations

import pytest

from coderchat_jupyter.server.engine.transitions import (
    Incoming,
    RunFate,
    Transition,
    Trigger,
    decide,
)

STATUSES = ("waiting", "pending", "running", "requires_action", "error")
ALWAYS = (
    Trigger.SEND,
    Trigger.SEND_INTERRUPTING,
    Trigger.EDIT,
    Trigger.INTERRUPT,
    Trigger.PROMOTE,
    Trigger.ARCHIVE,
    Trigger.CLOSE,
)


def _decided(trigger: Trigger, status: str, *, queued: bool = False) -> Transition:
    found = decide(trigger, status, queued=queued)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("trigger", "status", "rests"),
    [
        (Trigger.INTERRUPT, "running", True),
        (Trigger.INTERRUPT, "requires_action", True),
        (Trigger.PROMOTE, "requires_action", False),
        (Trigger.TIME_OUT, "requires_action", False),
        (Trigger.FINISH, "running", False),
    ],
)
def test_a_chat_rests_before_its_queue_goes_on_only_where_it_was_stopped(
    trigger: Trigger, status: str, rests: bool
) -> None:
    """Calls that are answered otherwise lead to another status at once."""
    assert _decided(trigger, status, queued=True).rests_first is rests


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("trigger", ALWAYS)
def test_what_a_user_does_is_decided_in_every_status(
    trigger: Trigger, status: str
) -> None:
    """A user's call cannot come too late."""
    assert decide(trigger, status, queued=False) is not None


ELSEWHERE = (Trigger.YIELD, Trigger.LOSE)


@pytest.mark.parametrize(
    "trigger",
    [
        t
        for t in Trigger
        if t not in {*ALWAYS, *ELSEWHERE, Trigger.ACQUIRE, Trigger.SWEEP}
    ],
)
@pytest.mark.parametrize("status", ["waiting", "pending", "error"])
def test_what_a_run_does_counts_only_while_it_runs(
    trigger: Trigger, status: str
) -> None:
    """A run that was cut must not change the chat that went on without it."""
    assert decide(trigger, status, queued=True) is None


@pytest.mark.parametrize("status", ["waiting", "running", "error"])
def test_only_a_pending_chat_is_acquired(status: str) -> None:
    assert decide(Trigger.ACQUIRE, status, queued=False) is None
    assert _decided(Trigger.ACQUIRE, "pending").status == "running"


@pytest.mark.parametrize("status", ["pending", "running", "requires_action"])
def test_a_message_to_a_busy_chat_is_queued(status: str) -> None:
    assert _decided(Trigger.SEND, status) == Transition(incoming=Incoming.QUEUE)


@pytest.mark.parametrize("status", ["waiting", "error"])
def test_a_message_behind_a_backlog_lets_the_head_run(status: str) -> None:
    """First come, first served, also after a failure."""
    found = _decided(Trigger.SEND, status, queued=True)

    assert (found.incoming, found.promotes) == (Incoming.QUEUE, True)


@pytest.mark.parametrize(
    ("trigger", "status", "promotes"),
    [
        (Trigger.INTERRUPT, "waiting", True),
        (Trigger.SEND_INTERRUPTING, "waiting", True),
        (Trigger.PROMOTE, None, True),
        (Trigger.CLOSE, "waiting", False),
        (Trigger.TIME_OUT, "error", False),
    ],
)
def test_whatever_ends_the_wait_for_the_client_answers_its_calls(
    trigger: Trigger, status: str | None, promotes: bool
) -> None:
    """Models refuse a history in which a call has no result."""
    found = _decided(trigger, "requires_action", queued=True)

    assert found.answers is not None
    assert (found.status, found.promotes) == (status, promotes)


def test_only_a_parked_chat_takes_results_and_nobody_is_told() -> None:
    """The worker that goes on tells it."""
    found = _decided(Trigger.SUBMIT, "requires_action")

    assert (found.status, found.silent) == ("pending", True)
    assert decide(Trigger.SUBMIT, "running", queued=False) is None


def test_a_pending_chat_is_not_interrupted() -> None:
    """Work was asked for and nothing runs: there is nothing to cut."""
    assert _decided(Trigger.INTERRUPT, "pending") == Transition()


@pytest.mark.parametrize(
    ("trigger", "fate"),
    [
        (Trigger.INTERRUPT, RunFate.CUT_KEEPING),
        (Trigger.SEND_INTERRUPTING, RunFate.CUT_KEEPING),
        (Trigger.PROMOTE, RunFate.CUT_KEEPING),
        (Trigger.ARCHIVE, RunFate.CUT_KEEPING),
        (Trigger.EDIT, RunFate.CUT_DISCARDING),
        (Trigger.SHUTDOWN, RunFate.CUT_DISCARDING),
        (Trigger.RECOVER, RunFate.CUT_DISCARDING),
    ],
)
def test_an_answer_cut_short_is_kept_unless_it_will_be_made_again(
    trigger: Trigger, fate: RunFate
) -> None:
    assert _decided(trigger, "running").run is fate


def test_a_failed_run_leaves_its_queue_alone() -> None:
    """What waits would meet the same failure."""
    assert not _decided(Trigger.FAIL, "running", queued=True).promotes


def test_an_archived_chat_promotes_nothing() -> None:
    assert not _decided(Trigger.ARCHIVE, "running", queued=True).promotes


@pytest.mark.parametrize("status", STATUSES)
def test_an_edit_empties_the_queue(status: str) -> None:
    """What waits was written after the message that is no more."""
    found = _decided(Trigger.EDIT, status, queued=True)

    assert (found.status, found.clears_queue) == ("pending", True)


@pytest.mark.parametrize("status", sorted({*STATUSES, "requires_action"}))
def test_only_a_chat_that_rests_is_taken_up_again(status: str) -> None:
    """And not one that failed: its queue would meet the same failure."""
    found = decide(Trigger.SWEEP, status, queued=True)

    assert (found is not None and found.promotes) == (status == "waiting")


@pytest.mark.parametrize(
    "trigger",
    [
        Trigger.SEND_INTERRUPTING,
        Trigger.INTERRUPT,
        Trigger.PROMOTE,
        Trigger.ARCHIVE,
        Trigger.CLOSE,
    ],
)
def test_a_run_of_another_server_is_asked_to_end_and_does_the_rest(
    trigger: Trigger,
) -> None:
    """It alone has the partial answer, which goes before what waits in the queue."""
    found = decide(trigger, "running", queued=True, elsewhere=True)
    rest = _decided(Trigger.YIELD, "waiting", queued=True)

    assert found is not None
    assert (found.status, found.promotes) == ("waiting", False)
    assert found.run is RunFate.ASKED_TO_END
    # It says that the chat rests once the answer is stored.
    assert (found.silent, rest.silent) == (True, False)
    assert rest.promotes
    assert rest.run is RunFate.CUT_KEEPING


@pytest.mark.parametrize(
    ("trigger", "incoming"),
    [
        (Trigger.SEND, Incoming.QUEUE),
        (Trigger.SEND_INTERRUPTING, Incoming.QUEUE),
        (Trigger.INTERRUPT, None),
        (Trigger.PROMOTE, None),
    ],
)
@pytest.mark.parametrize("queued", [False, True])
def test_what_comes_before_an_answer_that_is_owed_waits_for_it(
    trigger: Trigger, incoming: Incoming | None, queued: bool
) -> None:
    found = decide(trigger, "waiting", queued=queued, owed=True)

    assert found is not None
    assert (found.status, found.incoming) == ("waiting", incoming)
    assert found.run is RunFate.ASKED_TO_END
    assert found.silent
    assert not found.promotes


@pytest.mark.parametrize("trigger", [Trigger.EDIT, Trigger.ARCHIVE, Trigger.SWEEP])
def test_what_needs_no_answer_waits_for_none_that_is_owed(trigger: Trigger) -> None:
    free = decide(trigger, "waiting", queued=True)

    assert decide(trigger, "waiting", queued=True, owed=True) == free


@pytest.mark.parametrize("trigger", [Trigger.EDIT, Trigger.SEND])
def test_what_keeps_no_partial_answer_is_alike_on_all_servers(trigger: Trigger) -> None:
    here = decide(trigger, "running", queued=True)

    assert decide(trigger, "running", queued=True, elsewhere=True) == here


@pytest.mark.parametrize("status", STATUSES)
def test_a_run_whose_chat_was_taken_leaves_nothing_behind(status: str) -> None:
    found = _decided(Trigger.LOSE, status)

    assert found == Transition(run=RunFate.CUT_DISCARDING)
