"""The reducer's rules, one test each."""

from __future__ import annotations

from typing import get_args

import pytest

from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.reduce import _RULES, reduce
from coderchat_jupyter.state.refresh import reconnected
from coderchat_jupyter.state.select import answer_text, turns
from coderchat_jupyter.wire.events import KNOWN_EVENT_TYPES, Event
from tests.state.build import (
    after,
    batch,
    error,
    ids,
    live,
    message,
    part,
    queue,
    queued,
    retry,
    sign,
    status,
    tool_call,
    tool_result,
    written,
)


def test_an_assistant_message_takes_the_place_of_its_preview() -> None:
    """No state may hold an answer and its stream twin together."""
    state = live(message(1, "user", "Hi"), part("Hel"), part("lo"))

    state = after(state, message(2, "assistant", "Hello"))

    assert ids(state) == [1, 2]
    assert not state.preview


def test_parts_behind_a_message_belong_to_the_next_step() -> None:
    """Also when both come in one frame."""
    state = live(message(1, "user", "Hi"), part("One"))

    state = after(state, batch(message(2, "assistant", "One"), part("Two")))

    assert written(state) == "Two"


def test_what_a_message_still_owes_ends_with_its_turn() -> None:
    """What the next answer begins with may be the very end of the one before."""
    state = live(message(1, "user", "Hi"), part("Hel"))
    state = after(state, message(2, "assistant", "Hello"))

    state = after(state, message(3, "user", "Again"), status("running"), part("lo"))

    assert written(state) == "lo"


@pytest.mark.parametrize("role", ["user", "tool"])
def test_only_an_assistant_message_ends_the_preview(role: str) -> None:
    """A result or a queued prompt may come in the middle of an answer."""
    state = live(message(1, "user", "Hi"), part("One"))

    state = after(state, message(2, role, "x"))

    assert written(state) == "One"


def test_messages_are_sorted_by_id_however_they_come() -> None:
    """v2.34 sends posted results after the answer that follows them."""
    state = live(message(1), message(4, "assistant", "a"), message(3, "tool"))

    assert ids(state) == [1, 3, 4]


def test_a_message_that_comes_again_counts_once() -> None:
    """The answer to a call and the stream's event race."""
    state = live(message(1, "user", "Hi"))

    assert ids(after(state, message(1, "user", "Hi"))) == [1]


def test_parts_are_dropped_after_the_stream_said_waiting() -> None:
    """v2.33 replays the parts of a finished turn to whoever joins."""
    state = after(reconnected(EMPTY), batch(status("waiting"), part("old")))

    assert not state.preview


@pytest.mark.parametrize("name", ["pending", "running", "requires_action", "strange"])
def test_parts_are_kept_in_any_other_status(name: str) -> None:
    """Text was lost for good by clients that guessed."""
    assert written(live(part("new"), snapshot=name)) == "new"


def test_waiting_keeps_what_is_shown_until_its_message_comes() -> None:
    """v2.34 may say `waiting` before the last message of a turn."""
    state = live(message(1), part("One"), status("waiting"))

    assert written(state) == "One"
    assert not after(state, message(2, "assistant", "One")).preview


def test_a_part_behind_its_message_is_not_shown() -> None:
    """They travel on two ways, and the message may win."""
    state = live(message(1), part("One two"), message(2, "assistant", "One two three"))

    state = after(state, part(" th"), part("ree"), part("Next"))

    assert written(state) == "Next"


def test_a_call_that_was_stored_meanwhile_is_not_shown_again() -> None:
    """What is stored is looked up anew for each message that comes."""
    state = live(message(1), tool_call("c1", args={}))
    state = after(state, message(2, "assistant", _stored_call("c1")))
    state = after(state, tool_call("c2", args={}))
    state = after(state, message(3, "assistant", _stored_call("c2")))

    assert not after(state, tool_call("c2", args={})).preview.blocks
    assert after(state, tool_call("c3", args={})).preview.blocks


def test_a_step_that_begins_as_the_last_one_ended_is_shown() -> None:
    """Only what the message still owed is held back."""
    state = live(message(1), part("Same"), message(2, "assistant", "Same"))

    assert written(after(state, part("Same"))) == "Same"


def test_a_retry_voids_what_was_written() -> None:
    """The next attempt begins from the start."""
    state = live(message(1), part("Half"), retry(2))

    assert not state.preview
    assert state.retry is not None
    assert state.retry.attempt == 2


@pytest.mark.parametrize("event", [part("x"), status("running"), message(2)])
def test_a_sign_of_life_ends_the_retry(event: dict[str, object]) -> None:
    """A countdown beside growing text would be wrong."""
    assert after(live(message(1), retry()), event).retry is None


def test_an_error_keeps_what_was_written_apart() -> None:
    """It is the only copy; but no tool in it may seem to run for ever."""
    state = live(message(1), part("Half"), error("It broke."), status("error"))

    assert written(state) == "Half"
    assert state.preview.is_over
    assert state.error is not None
    assert state.error.message == "It broke."
    assert state.status == "error"


def test_the_next_run_clears_the_error_and_what_it_left() -> None:
    """Old words must not stand before the new answer."""
    state = live(message(1), part("Half"), error(), status("error"))

    state = after(state, status("pending"), message(2, "user", "Again"), part("New"))

    assert state.error is None
    assert written(state) == "New"


@pytest.mark.parametrize("first", ["status", "error"])
def test_status_and_error_come_in_either_order(first: str) -> None:
    """v2.34 says the error first, v2.36 the status."""
    pair = [status("error"), error("It broke.")]

    state = live(*(pair if first == "status" else reversed(pair)))

    assert state.error is not None
    assert state.status == "error"


def test_a_missing_queue_key_empties_the_queue() -> None:
    """The server leaves the key out when nothing waits."""
    state = live(queue(queued(7)))

    assert [q.id for q in state.queue] == [7]
    assert after(state, queue()).queue == ()


def test_a_queued_message_is_known_again_as_a_message() -> None:
    """It has another id then, and nobody says which."""
    state = live(message(1), queue(queued(7, "a"), queued(8, "b")))

    state = after(state, message(2, "user", "a"), queue(queued(8, "b")))

    assert state.promoted == ((7, 2),)


def test_a_queued_message_is_known_again_after_it_left_the_queue() -> None:
    """An idle chat tells a promotion in this order."""
    state = live(message(1), queue(queued(7, "a"), queued(8, "b")))

    state = after(state, queue(queued(8, "b")), message(2, "user", "a"))

    assert state.promoted == ((7, 2),)


def test_a_message_that_was_taken_out_of_the_queue_is_forgotten() -> None:
    """A run has ended since, so it is not what the same words mean later."""
    state = live(message(1), queue(queued(7, "a")))

    state = after(state, queue(), status("waiting"), message(2, "user", "a"))

    assert state.promoted == ()


def test_a_status_that_is_told_again_forgets_nothing_that_left_the_queue() -> None:
    """No run has ended between: v2.34 tells statuses twice."""
    state = live(message(1), queue(queued(7, "a")), status("waiting"))

    state = after(state, queue(), status("waiting"), message(2, "user", "a"))

    assert state.promoted == ((7, 2),)


def test_of_the_same_words_the_last_that_left_is_promoted() -> None:
    """The one before it was deleted; both are told in the same way."""
    waiting = queue(queued(7, "a"), queued(8, "a"))
    state = live(message(1), waiting, status("error"))

    state = after(state, queue(queued(8, "a")), queue(), message(2, "user", "a"))

    assert state.promoted == ((8, 2),)


def test_of_the_same_words_a_run_promotes_what_still_waits() -> None:
    """It is told before it leaves the queue then."""
    state = live(message(1), queue(queued(7, "a"), queued(8, "a")))

    state = after(state, queue(queued(8, "a")), message(2, "user", "a"), queue())

    assert state.promoted == ((8, 2),)


def test_several_that_left_are_known_again_one_by_one() -> None:
    """Whatever somebody else says in between."""
    state = live(message(1), queue(queued(7, "a"), queued(8, "b")), snapshot="error")
    told = [message(i, "user", said) for i, said in ((2, "a"), (3, "z"), (4, "b"))]

    state = after(state, queue(), *told)

    assert state.promoted == ((7, 2), (8, 4))


def test_required_actions_last_as_long_as_the_status() -> None:
    """The event comes once; the status tells when it is over."""
    calls = {"tool_calls": [{"tool_call_id": "c", "tool_name": "t", "args": "{}"}]}
    state = live(
        status("requires_action"), sign("action_required", action_required=calls)
    )

    assert [call.tool_call_id for call in state.actions] == ["c"]
    assert after(state, status("requires_action")).actions == state.actions
    assert after(state, status("running")).actions == ()


def test_other_chats_tell_their_status_and_nothing_else() -> None:
    """A sub-agent's words are not the agent's."""
    other = {"chat_id": "chat-2"}

    state = live(
        message(1),
        batch(status("running") | other),
        batch(part("foreign") | other, message(9) | other, error() | other),
    )

    assert state.children == (("chat-2", "running"),)
    assert ids(state) == [1]
    assert not state.preview


def test_an_event_of_a_newer_server_is_counted_and_nothing_else() -> None:
    """An old notebook must outlive a server upgrade."""
    state = live(message(1), sign("of-tomorrow", x=1), sign("of-tomorrow"))

    assert state.unknown == (("of-tomorrow", 2),)
    assert not state.stale_history


def test_an_event_that_cannot_be_read_makes_us_ask() -> None:
    """It may have been a message."""
    assert live(sign("message", message={"id": "x"})).stale_history


def test_strange_events_do_not_fill_the_memory() -> None:
    """A hostile server could think of a new type each time."""
    state = live(*(sign(f"type-{i}") for i in range(100)))

    assert len(state.unknown) <= 33
    assert sum(count for _, count in state.unknown) == 100


@pytest.mark.parametrize(
    "event",
    [
        status("running"),
        queue(queued(7)),
        part(""),
        part("\n"),
        part(kind="file"),
        part(kind="skill"),
        tool_call(provider_executed=True),
        sign("preview_reset"),
    ],
)
def test_the_same_object_comes_back_when_nothing_changed(
    event: dict[str, object],
) -> None:
    """Callers compare with `is`; v2.34 says every status twice."""
    before = live(message(1, "user", "Hi"), queue(queued(7)), sign("preview_reset"))

    state = reduce(before, batch(event))

    assert state is before


def test_blocks_that_a_part_does_not_touch_stay_the_same_objects() -> None:
    """Views skip what they have drawn already."""
    before = live(part("a", "reasoning"), tool_call(args={"x": 1}), part("b"))

    state = after(before, part("c"))

    assert state.preview.blocks[0] is before.preview.blocks[0]
    assert state.preview.blocks[1] is before.preview.blocks[1]
    assert state.preview.blocks[2] is not before.preview.blocks[2]


def test_a_stored_result_takes_the_place_of_its_preview() -> None:
    """v2.36 stores the call before the tool has answered."""
    call = {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look", "args": {}}
    result = {"type": "tool-result", "tool_call_id": "c1", "result": 3}
    state = live(message(1), message(2, "assistant", call), tool_result(result=3))
    assert len(state.preview.blocks) == 1

    state = after(state, message(3, "tool", result))

    assert not state.preview


def test_the_turn_of_a_state_without_prompt_is_empty() -> None:
    """A chat that was opened in the middle, or not at all."""
    assert turns(EMPTY) == ()
    assert turns(live(message(2, "assistant", "a"))) == ()


def test_an_answer_reads_from_its_stored_steps_and_its_preview() -> None:
    """What `.text` says while the agent works."""
    state = live(message(1), part("One"), message(2, "assistant", "One"), part("Two"))

    assert answer_text(turns(state)[0]) == "One\n\nTwo"


def test_reasoning_behind_its_message_is_not_shown() -> None:
    """It may trail as text does."""
    think = {"type": "reasoning", "text": "Let me think"}
    state = live(
        message(1), part("Let me", "reasoning"), message(2, "assistant", think, "Yes")
    )

    state = after(state, part(" think", "reasoning"), part("Next"))

    assert [block.kind for block in state.preview.blocks] == ["text"]


def test_a_state_tells_little_of_itself() -> None:
    """Reprs end up in logs, and what was said does not belong there."""
    assert "secret" not in repr(live(message(1, "user", "secret"), part("secret")))


def test_every_event_has_a_rule() -> None:
    """They are looked up by exact type, which no type checker watches."""
    union = get_args(get_args(Event)[0])
    kinds = {get_args(kind)[0] if get_args(kind) else kind for kind in union}

    assert kinds == set(_RULES)
    assert len(kinds) == len(KNOWN_EVENT_TYPES) + 1


def _stored_call(call_id: str) -> dict[str, object]:
    return {"type": "tool-call", "tool_call_id": call_id, "args": {}}
