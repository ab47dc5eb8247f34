"""Model calls that fail: tried again, or told."""

from __future__ import annotations

import pytest

from coderchat_jupyter.server.engine import attempts, turns
from coderchat_jupyter.server.providers._protocol import ProviderError
from tests.fakes.puppet import Puppet
from tests.server.world import Person, World

BUSY = ProviderError("Too Many Requests", status_code=429, detail="slow down")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy has tests of its own; here a second is a hundredth."""
    monkeypatch.setattr(turns, "delay_ms", lambda attempt, _: attempt * 10)


async def test_a_retry_is_told_and_voids_what_was_seen(
    admin: Person, puppet: Puppet
) -> None:
    """Only the attempt that worked is stored."""
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say("Half", BUSY)
        await puppet.asked(2)
        puppet.answer("Whole.")
        await feed.status("waiting")

    retry = next(e["retry"] for e in feed.events if e["type"] == "retry")
    assert retry.pop("retrying_at")
    assert retry == {
        "attempt": 1,
        "delay_ms": 10,
        "error": "OpenAI Compatible is rate limiting requests.",
        "kind": "rate_limit",
        "provider": "openai-compat",
        "status_code": 429,
    }
    assert feed.story[-6:] == [
        "message_part",
        "retry",
        "preview_reset",
        "message_part",
        "assistant",
        "waiting",
    ]
    assert (await admin.history(chat["id"]))[-1] == ("assistant", "Whole.")


async def test_strictly_v234_a_retry_resets_no_preview(strict_world: World) -> None:
    admin, puppet = strict_world.admin, strict_world.puppet
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say(BUSY)
        await puppet.asked(2)
        puppet.answer("Whole.")
        await feed.status("waiting")

    assert "preview_reset" not in feed.story
    assert "retry" in feed.story


async def test_attempts_end_and_the_last_failure_is_told(
    admin: Person, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MAX_ATTEMPTS", 3)
    chat = await admin.create()
    puppet.say(BUSY, BUSY, BUSY)

    failed = await admin.settled(chat["id"], "error")

    assert len(puppet.calls) == 3
    assert failed["last_error"]["kind"] == "rate_limit"


async def test_a_failure_is_told_before_the_status_and_kept(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say(ProviderError("Unauthorized", status_code=401, detail="bad key"))
        await feed.status("error")
    error = next(e["error"] for e in feed.events if e["type"] == "error")
    found = (await admin.call("GET", f"/chats/{chat['id']}")).json()

    assert feed.story == ["running", "user", "error", "error"]
    assert [e["type"] for e in feed.events[-2:]] == ["error", "status"]
    assert (
        found["last_error"]
        == error
        == {
            "message": "Authentication with OpenAI Compatible failed. "
            "Check the API key and permissions.",
            "detail": "bad key",
            "kind": "auth",
            "provider": "openai-compat",
            "retryable": False,
            "status_code": 401,
        }
    )


async def test_who_joins_a_failed_chat_is_told_the_error(
    admin: Person, puppet: Puppet
) -> None:
    """The reference tells it only to those who were there."""
    chat = await admin.create()
    puppet.say(ProviderError("no", status_code=400, detail="nonsense"))
    await admin.settled(chat["id"], "error")

    async with admin.stream(chat["id"]) as feed:
        await feed.until(lambda f: len(f.events) == 3)

    assert [e["type"] for e in feed.events] == ["status", "error", "message"]


async def test_a_new_message_clears_the_error(admin: Person, puppet: Puppet) -> None:
    chat = await admin.create()
    puppet.say(ProviderError("no", status_code=400))
    await admin.settled(chat["id"], "error")
    await admin.send(chat["id"], "again")
    await puppet.asked(2)
    puppet.answer("Now.")

    assert "last_error" not in await admin.settled(chat["id"], "waiting")


async def test_who_joins_during_a_wait_is_told_of_it(
    admin: Person, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "delay_ms", lambda *_: 60_000)
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as first:
        puppet.say(BUSY)
        await first.until(lambda f: "retry" in f.story)
        async with admin.stream(chat["id"]) as second:
            await second.until(lambda f: len(f.events) == 3)
        interrupted = await admin.call("POST", f"/chats/{chat['id']}/interrupt")

    assert [e["type"] for e in second.events] == ["status", "retry", "message"]
    assert interrupted.json()["status"] == "waiting"
    assert await admin.history(chat["id"]) == [("user", "hello")]


async def test_a_fault_of_our_own_ends_in_an_error_that_tells_nothing(
    admin: Person, puppet: Puppet, caplog: pytest.LogCaptureFixture
) -> None:
    """What the chat said must not reach the log by way of an exception's text."""
    chat = await admin.create("a secret")
    await puppet.asked()
    puppet.say(object())  # type: ignore[arg-type]
    puppet.say("more")
    puppet.say(_ExplosiveError("a secret"))

    failed = await admin.settled(chat["id"], "error")

    assert failed["last_error"]["message"] == "The chat request failed unexpectedly."
    assert "a secret" not in caplog.text


class _ExplosiveError(ProviderError):
    """Breaks whoever looks at it closely."""

    @property
    def status_code(self) -> int:
        raise ValueError(self.message)

    @status_code.setter
    def status_code(self, value: int) -> None:
        """Taken, never told."""
