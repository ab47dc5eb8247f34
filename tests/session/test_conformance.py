"""The rows of the web client's list that are about connections.

The table that counts the rows stands in tests/state/test_conformance.py.
"""

from __future__ import annotations

import random

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import Backoff, ChatSession
from coderchat_jupyter.state.chat_state import Link
from coderchat_jupyter.state.select import latest_answer, message_text, needs_notice
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import FakeCoder
from tests.session.test_reconnect import wait_for
from tests.state.build import error, live, message, part, status


async def test_row_17_a_break_is_told_while_something_runs_and_not_in_a_quiet_chat(
    coder: FakeCoder, client: Client
) -> None:
    session = await ChatSession.open(client, CHAT_ID, backoff=Backoff(base=0.05))
    await wait_for(lambda: session.link.phase == "live")
    seen: list[Link] = []
    session.subscribe(lambda: seen.append(session.link))

    coder.chat.drop()
    await wait_for(lambda: coder.chat.connections == 2)
    await wait_for(lambda: session.link.phase == "live")

    (lost,) = {link.retry_at: link for link in seen if link.retry_at}.values()
    assert (lost.phase, lost.attempt) == ("reconnecting", 1)
    assert session.link == Link(phase="live")
    assert needs_notice(live(message(1), part("x")), lost)
    assert not needs_notice(live(status("waiting"), snapshot="waiting"), lost)
    assert not needs_notice(live(part("x"), error(), status("error")), lost)
    await session.aclose()


def test_row_18_waits_grow_from_one_second_to_ten_and_differ_by_a_third() -> None:
    chance = random.Random(4)  # noqa: S311
    backoff = Backoff(chance=chance.random)

    for attempt, plain in enumerate([1, 2, 4, 8, 10, 10, 10], 1):
        waits = [backoff.delay(attempt) for _ in range(200)]
        assert 0.7 * plain <= min(waits) < 0.8 * plain
        assert 1.2 * plain < max(waits) <= 1.3 * plain


async def test_row_19_each_connection_asks_for_what_follows_the_newest_message(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    first = coder.chat.store("user", "One")
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await wait_for(lambda: coder.chat.connections == 1)
    second = coder.chat.store("assistant", "Two")
    await session.until(lambda state: len(state.messages) == 2)

    coder.chat.drop()
    await wait_for(lambda: coder.chat.connections == 2)

    opened = [line for line in coder.requests if line.startswith("STREAM")]
    assert opened == [f"STREAM {first.id}", f"STREAM {second.id}"]
    await session.aclose()


async def test_row_20_no_text_is_doubled_or_lost_however_often_it_breaks(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await session.send("Hi")
    coder.chat.set_status("running")
    seen: list[str] = []
    session.subscribe(lambda: seen.append(latest_answer(session.state)))

    for number, piece in enumerate(["One ", "two ", "three ", "four."], 2):
        coder.chat.write(piece)
        await session.until(lambda s, p=piece: latest_answer(s).endswith(p))  # type: ignore[misc]
        coder.chat.drop()
        await wait_for(lambda n=number: coder.chat.connections == n)  # type: ignore[misc]
    coder.chat.commit()
    coder.chat.finish()
    state = await session.idle()

    assert seen == sorted(seen, key=len)
    assert latest_answer(state) == "One two three four."
    await session.aclose()


async def test_row_23_what_cannot_be_read_is_counted_and_reading_goes_on(
    coder: FakeCoder, client: Client
) -> None:
    session = await ChatSession.open(client, CHAT_ID)
    await wait_for(lambda: session.link.phase == "live")

    coder.chat.say("{")
    coder.chat.store("assistant", "Still here")
    state = await session.until(lambda state: bool(state.messages))

    assert [message_text(m) for m in state.messages] == ["Still here"]
    assert dict(state.unknown) == {"": 1}
    await session.aclose()
