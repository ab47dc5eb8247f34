"""What is fetched meets what was streamed: who wins, and what is never lost."""

from __future__ import annotations

from dataclasses import replace

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.refresh import (
    reconnected,
    with_chat,
    with_page,
    with_sent,
)
from coderchat_jupyter.state.select import is_idle, message_id_of
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.messages import QueuedMessage, SentMessage
from tests.state.build import (
    CHAT,
    after,
    batch,
    error,
    live,
    message,
    message_value,
    page,
    part,
    queue,
    queued,
    status,
    written,
)


def chat(name: str = "waiting", error: str = "") -> Chat:
    return Chat.model_validate(
        {
            "id": CHAT,
            "status": name,
            "last_error": {"message": error} if error else None,
            "created_at": "2026-06-01T00:00:00Z",
            "updated_at": "2026-06-01T00:00:00Z",
        }
    )


def ids(state: ChatState) -> list[int]:
    return [m.id for m in state.messages]


def waiting(queued_id: int, text: str = "later") -> QueuedMessage:
    return QueuedMessage.model_validate(queued(queued_id, text))


def test_status_is_the_servers_until_the_stream_speaks() -> None:
    """After that a slow answer must not set the clock back."""
    state = with_chat(EMPTY, chat("running"))
    assert state.status == "running"

    state = after(reconnected(state), status("waiting"))
    assert with_chat(state, chat("running")).status == "waiting"


def test_the_reason_of_a_failure_is_fetched_when_it_was_missed() -> None:
    """The stream does not repeat it to those who join later."""
    state = after(reconnected(EMPTY), status("error"))
    assert state.error is None

    state = with_chat(state, chat("error", "No key."))
    assert state.error is not None
    assert state.error.message == "No key."


def test_a_reason_that_was_streamed_is_kept() -> None:
    """The stored one may be that of the run before."""
    state = live(error("New."), status("error"))

    state = with_chat(state, chat("error", "Old."))

    assert state.error == ChatError(message="New.")


def test_a_chat_that_works_again_has_no_reason_to_show() -> None:
    """A stored reason outlives its failure nowhere."""
    assert with_chat(EMPTY, chat("waiting", "Old.")).error is None


def test_the_queue_is_the_servers_until_the_stream_speaks() -> None:
    """Then an answer that was under way must not bring back what is gone."""
    fetched = page(message_value(1), queue=(waiting(7),))
    state = with_page(reconnected(EMPTY), fetched)
    assert [q.id for q in state.queue] == [7]

    state = after(state, queue())
    assert with_page(state, fetched).queue == ()


def test_a_new_connection_lets_the_server_say_the_queue_again() -> None:
    """It leaves an empty queue out of its snapshot."""
    state = live(queue(queued(7)))

    state = with_page(reconnected(state), page(message_value(1)))

    assert state.queue == ()


def test_a_page_takes_out_what_an_edit_removed() -> None:
    """The page speaks for all ids that it covers."""
    state = live(*(message(i) for i in (1, 2, 3, 4)))

    state = with_page(state, page(message_value(1), message_value(5)))

    assert ids(state) == [1, 5]


def test_a_page_never_takes_out_what_came_meanwhile() -> None:
    """It was on its way when the stream delivered the newer ones."""
    state = live(*(message(i) for i in (1, 2, 3)))

    state = with_page(state, page(message_value(1), message_value(2)))

    assert ids(state) == [1, 2, 3]


def test_a_page_does_not_speak_for_older_messages() -> None:
    """There are more behind it."""
    state = live(*(message(i) for i in (1, 2, 3)))

    state = with_page(state, page(message_value(3), has_more=True))

    assert ids(state) == [1, 2, 3]
    assert not state.has_older


def test_an_empty_page_says_nothing() -> None:
    """A chat is never without its first message."""
    state = live(message(1))

    assert ids(with_page(state, page())) == [1]


def test_older_pages_are_put_in_front() -> None:
    """As a reader scrolls up."""
    state = with_page(EMPTY, page(message_value(5), message_value(6), has_more=True))
    assert state.has_older

    older = page(message_value(3), message_value(4), has_more=True)
    state = with_page(state, older, before_id=5)
    assert ids(state) == [3, 4, 5, 6]
    assert state.has_older

    state = with_page(state, page(message_value(1)), before_id=3)
    assert ids(state) == [1, 3, 4, 5, 6]
    assert not state.has_older


def test_a_page_that_says_nothing_new_changes_nothing() -> None:
    """Nobody is told, nothing is drawn."""
    state = live(message(1), message(2, "assistant", "a"))

    same = page(message_value(1), message_value(2, "assistant", "a"))
    assert with_page(state, same) is state


def test_a_fetched_answer_takes_the_place_of_its_preview() -> None:
    """It may be faster than the stream's own event."""
    state = live(message(1), part("Hello"))

    fetched = page(message_value(1), message_value(2, "assistant", "Hello"))
    state = with_page(state, fetched)

    assert ids(state) == [1, 2]
    assert not state.preview


def test_a_fetched_answer_takes_the_place_of_what_a_snapshot_repeats() -> None:
    """It answers the newest prompt, so it is what runs; an older one may be alike."""
    first = message_value(1)
    state = with_page(EMPTY, page(first))
    state = after(reconnected(state), status("running"), part("Hello"))
    answer, prompt = message_value(2, "assistant", "Hello"), message_value(3)

    newest = with_page(state, page(first, answer))
    older = with_page(state, page(first, answer, prompt))

    assert not newest.preview
    assert written(older) == "Hello"


def test_a_fetched_answer_leaves_the_preview_of_the_next_step() -> None:
    """Only what it holds goes."""
    state = live(message(1), part("Second step"))

    fetched = page(message_value(1), message_value(2, "assistant", "First step"))
    state = with_page(state, fetched)

    assert len(state.preview.blocks) == 1


def test_a_page_ends_the_doubt_about_the_history() -> None:
    """It is what was asked for."""
    state = live(message(1), message(2), message(1))
    assert state.stale_history

    assert not with_page(state, page(message_value(1))).stale_history


def test_a_promotion_that_was_missed_is_found_in_the_page() -> None:
    """Whoever waits for the queued message has to learn its id."""
    state = live(message(1), queue(queued(7, "a"), queued(8, "b")))

    fetched = page(message_value(1), message_value(4, "user", "a"))
    state = with_page(reconnected(state), fetched)

    assert message_id_of(state, 7) == 4
    assert message_id_of(state, 8) is None


def test_the_answer_to_a_send_is_there_at_once() -> None:
    """And the turn does not look finished before it began."""
    state = live(message(1), message(2, "assistant", "a"), snapshot="waiting")

    sent = SentMessage(message=message_value(3, "user", "Hi"))
    state = with_sent(state, sent)

    assert ids(state) == [1, 2, 3]
    assert not is_idle(state)


def test_the_answer_to_a_send_may_come_last() -> None:
    """The turn may be over by then; it must not be opened again."""
    state = live(message(3), message(4, "assistant", "a"), status("waiting"))

    assert with_sent(state, SentMessage(message=message_value(3))) is state


def test_the_streams_own_event_after_the_answer_is_no_edit() -> None:
    """The message is known, but this connection has not said it yet."""
    state = with_sent(live(message(1)), SentMessage(message=message_value(3)))

    state = after(state, message(3))

    assert ids(state) == [1, 3]
    assert not state.stale_history


def test_a_queued_send_is_left_to_the_stream() -> None:
    """It may be promoted already, and would come back as a ghost."""
    state = live(message(1))

    assert with_sent(state, SentMessage(queued=True)) is state


def test_a_preview_stays_until_a_new_connection_has_told_as_much() -> None:
    """The server sends the parts of the running step again, from the first one."""
    state = reconnected(live(message(1), part("Half"), part(" done")), after_id=1)

    shown = [written(state)]
    for event in (status("running"), part("Half"), part(" d"), part("one"), part("!")):
        state = after(state, event)
        shown.append(written(state))

    assert shown == ["Half done"] * 5 + ["Half done!"]


def test_what_a_new_connection_tells_otherwise_takes_the_place_of_the_preview() -> None:
    """The model was asked again meanwhile."""
    state = reconnected(live(message(1), part("Half")), after_id=1)

    state = after(state, batch(status("running"), part("Ha"), part("rder")))

    assert written(state) == "Harder"


def test_a_new_connection_keeps_what_a_failed_run_had_written() -> None:
    """Nobody will say it again."""
    state = reconnected(live(message(1), part("Half"), error(), status("error")))

    assert len(state.preview.blocks) == 1
    assert not after(state, batch(status("running"))).preview


def test_a_message_that_did_not_change_stays_the_same_object() -> None:
    """Views skip what they have drawn already."""
    state = live(message(1), message(2, "assistant", "a"))

    fetched = page(
        message_value(1), message_value(2, "assistant", "a"), message_value(3)
    )
    fresh = with_page(state, fetched)

    assert fresh.messages[0] is state.messages[0]
    assert fresh.messages[1] is state.messages[1]
    assert replace(fresh, messages=state.messages) == state


def test_a_chat_that_says_nothing_new_changes_nothing() -> None:
    """Nobody is told, nothing is drawn."""
    state = with_chat(EMPTY, chat("running"))

    assert with_chat(state, chat("running")) is state
