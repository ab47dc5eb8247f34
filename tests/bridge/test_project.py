"""What a page shows of a chat."""

from __future__ import annotations

from typing import Any

import pytest

from coderchat_jupyter.bridge.blocks import MAX_SHOWN
from coderchat_jupyter.bridge.project import Projector, Scene
from coderchat_jupyter.bridge.view import (
    ChatView,
    Context,
    Cost,
    Footer,
    ReasoningBlock,
    SourcesBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.wire.events import ErrorEvent, Retry, RetryEvent
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.messages import Usage
from coderchat_jupyter.wire.parts import (
    ContextFilePart,
    ReasoningPart,
    SourcePart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from tests.bridge.made import CHAT, NOON, config, delta, message, state, status


def view(known: ChatState, **scene: Any) -> ChatView:
    return Projector()(Scene(state=known, **scene))


def texts(shown: ChatView) -> list[tuple[str, str]]:
    return [
        (row.role, str(block.text))
        for row in shown.rows
        for block in row.blocks
        if isinstance(block, TextBlock)
    ]


HELLO = (message(1, "user", "Hi"), message(2, "assistant", "Hello"))


def test_a_turn_is_two_rows() -> None:
    """A prompt, and all that answers it, however many messages that took."""
    call = ToolCallPart(tool_call_id="c", tool_name="look", args={"path": "a.txt"})
    shown = view(
        state(
            message(1, "user", "Hi"),
            message(2, "assistant", "Looking", call),
            message(3, "tool", ToolResultPart(tool_call_id="c", result="text")),
            message(4, "assistant", "Done"),
            status("waiting"),
        )
    )

    assert [row.key for row in shown.rows] == ["u1", "a1"]
    assert [block.kind for block in shown.rows[1].blocks] == ["text", "tool", "text"]
    tool = shown.rows[1].blocks[1]
    assert isinstance(tool, ToolBlock)
    assert (tool.state, tool.summary, str(tool.result)) == ("done", "a.txt", "text")


def test_a_running_answer_stands_after_what_is_stored_of_its_turn() -> None:
    """Steps before are stored, the present one is a preview."""
    shown = view(
        state(*HELLO, message(3, "user", "On"), status("running"), delta("Ok"))
    )

    assert texts(shown)[-1] == ("assistant", "Ok")
    assert shown.rows[-1].is_live
    assert shown.phase == "answering"


def test_one_turn_is_shown_alone_and_at_rest_when_it_is_an_old_one() -> None:
    """A cell shows its own turn, whatever other cells have asked since."""
    known = state(*HELLO, message(3, "user", "On"), status("running"), delta("Ok"))

    old, new = view(known, mode="turn", turn=1), view(known, mode="turn", turn=3)

    assert texts(old) == [("user", "Hi"), ("assistant", "Hello")]
    assert (old.phase, old.status) == ("ready", "waiting")
    assert texts(new) == [("user", "On"), ("assistant", "Ok")]
    assert (new.phase, new.status) == ("answering", "running")


def test_a_prompt_is_shown_before_there_is_a_chat() -> None:
    """The cell returns at once; the server may take a while to start."""
    shown = view(ChatState(), mode="turn", prompt="Hi", notice="Starting")

    assert texts(shown) == [("user", "Hi")]
    assert (shown.phase, shown.notice) == ("opening", "Starting")


def test_a_step_without_usage_was_stopped() -> None:
    """So a server stores what it had when it was interrupted."""
    cut = message(2, "assistant", "Par", usage=None)
    shown = view(state(message(1, "user", "Hi"), cut, status("waiting")))

    assert shown.rows[1].is_stopped
    assert not view(state(*HELLO, status("waiting"))).rows[1].is_stopped


def test_a_tool_that_never_answered_is_no_longer_running_when_the_turn_is_over() -> (
    None
):
    """Nothing turns on a page when nothing runs."""
    call = ToolCallPart(tool_call_id="c", tool_name="look", args={})
    known = state(message(1, "user", "Hi"), status("running"))
    known = state(message(2, "assistant", call), start=known)

    def of(shown: ChatView) -> str:
        block = shown.rows[1].blocks[0]
        assert isinstance(block, ToolBlock)
        return block.state

    assert of(view(known)) == "running"
    assert of(view(state(status("waiting"), start=known))) == "stopped"


def test_a_stopped_chat_says_so_before_the_server_does() -> None:
    """The click counts at once."""
    known = state(message(1, "user", "Hi"), status("running"), delta("Ok"))

    assert view(known, is_stopping=True).phase == "stopping"


def test_a_footer_sums_the_steps_of_a_turn_and_prices_them() -> None:
    """Half a dollar in and a dollar out per million: 0.0005 + 0.0001, twice."""
    known = state(
        message(1, "user", "Hi"),
        message(2, "assistant", "a"),
        message(4, "assistant", "b"),
        status("waiting"),
    )

    shown = view(known, models=(config(input="0.5", output="1"),))

    assert shown.rows[1].footer == Footer(
        model="Atlas",
        input_tokens=2000,
        output_tokens=200,
        cost_micros=1200,
        is_priced=True,
        seconds=3.0,
    )
    assert shown.cost == Cost(micros=1200, unpriced=0)


@pytest.mark.parametrize(
    ("prices", "cost"), [({}, None), ({"input": "0", "output": "0"}, 0)]
)
def test_unpriced_and_free_are_two_things(
    prices: dict[str, str], cost: int | None
) -> None:
    """None is not known; zero is a price."""
    shown = view(state(*HELLO, status("waiting")), models=(config(**prices),))

    footer = shown.rows[1].footer
    assert footer is not None
    assert (footer.cost_micros, footer.is_priced) == (cost, cost is not None)


def test_the_context_is_what_the_newest_call_held() -> None:
    """Reasoning is part of the output already."""
    usage = Usage(
        input_tokens=100,
        output_tokens=50,
        reasoning_tokens=20,
        cache_read_tokens=30,
        cache_creation_tokens=5,
        context_limit=1000,
    )
    known = state(*HELLO, message(4, "assistant", "b", usage=usage))

    shown = view(known, models=(config(),))

    assert shown.context == Context(used=185, limit=1000, compacts_at=0.7)


def test_thoughts_carry_their_time_and_sources_stand_together() -> None:
    """Each address once, as in the preview."""
    thought = ReasoningPart(
        text="Hm", created_at=NOON, completed_at=NOON.replace(second=6)
    )
    pages = [SourcePart(url=f"https://{host}.org", title="T") for host in "aab"]
    shown = view(
        state(message(1, "user", "Hi"), message(2, "assistant", thought, *pages))
    )

    thinking, listed = shown.rows[1].blocks
    assert isinstance(thinking, ReasoningBlock)
    assert isinstance(listed, SourcesBlock)
    assert thinking.seconds == 6.0
    assert [s.url for s in listed.sources] == ["https://a.org", "https://b.org"]


def test_long_output_is_cut_and_the_cut_is_counted() -> None:
    """A page is no archive."""
    result = ToolResultPart(tool_call_id="c", tool_name="t", result="x" * 20_000)
    shown = view(state(message(1, "user", "Hi"), message(2, "tool", result)))

    tool = shown.rows[1].blocks[0]
    assert isinstance(tool, ToolBlock)
    assert (len(tool.result), tool.elided) == (MAX_SHOWN, 20_000 - MAX_SHOWN)


def test_a_part_of_a_newer_server_is_named_and_context_is_not_shown() -> None:
    """An old notebook must outlive a server upgrade."""
    strange = UnknownPart(raw={"type": "hologram"})
    shown = view(
        state(
            message(1, "user", ContextFilePart(context_file_path="AGENTS.md")),
            message(2, "user", "Hi"),
            message(3, "assistant", strange),
        )
    )

    assert [row.key for row in shown.rows] == ["u2", "a2"]
    assert "hologram" in str(shown.rows[1].blocks[0].dump())


def test_an_error_says_what_happened_and_what_to_do() -> None:
    """Words for a user, and the server's own beside them."""
    error = ChatError(message="Bad key.", kind="auth", status_code=401, detail="{}")
    failed = ErrorEvent(chat_id=CHAT, error=error)
    shown = view(state(message(1, "user", "Hi"), status("error"), failed))

    assert shown.phase == "error"
    assert shown.problem is not None
    assert shown.problem.title == "The provider refused the key"
    assert shown.problem.message.startswith("Bad key. Set a valid key")


def test_a_retry_carries_the_time_of_the_next_attempt() -> None:
    """The page counts down by itself."""
    retry = Retry(attempt=2, error="slow", kind="timeout", retrying_at=NOON)
    event = RetryEvent(chat_id=CHAT, retry=retry)
    shown = view(state(message(1, "user", "Hi"), status("running"), event))

    assert shown.retry is not None
    assert (shown.retry.attempt, shown.retry.at) == (2, NOON.timestamp())


def test_rows_that_did_not_change_are_the_same_objects() -> None:
    """Comparing two views costs little, however long the chat is."""
    project = Projector()
    known = state(*HELLO, message(3, "user", "On"), status("running"))

    before = project(Scene(state=known))
    after = project(Scene(state=state(delta("Ok"), start=known)))

    assert all(map(lambda a, b: a is b, before.rows[:3], after.rows[:3]))
