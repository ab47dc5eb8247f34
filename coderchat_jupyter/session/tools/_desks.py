"""Which chats of this process are answered, so that no call runs twice.

Belongs to the background loop: nothing here awaits half-way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.session.tools._consent import Approve, Consent
from coderchat_jupyter.session.tools._runner import Attachment, ToolRunner
from coderchat_jupyter.session.tools._tool import Tool
from coderchat_jupyter.session.tools._watch import ActionWatch
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.watch import WatchEvent

__all__ = ["Desk", "attach"]

_Key: TypeAlias = tuple[str, ChatId]

_runners: Final[dict[_Key, ToolRunner]] = {}
_watch: Final = ActionWatch()


class Desk:
    """A session's tools at work. `aclose` when the session is."""

    def __init__(self, key: _Key, runner: ToolRunner, attachment: Attachment) -> None:
        self._key = key
        self._runner = runner
        self._attachment = attachment

    @property
    def tools(self) -> tuple[Tool[..., Any], ...]:
        """The tools."""
        return tuple(self._attachment.tools.values())

    async def cancel(self) -> None:
        """End the calls that run, unanswered: the chat does not wait any more."""
        await self._runner.cancel()

    async def aclose(self) -> None:
        """Answer no more for this session. May be called twice."""
        runner = self._runner
        if runner.is_stale:
            return  # all of it ended with its loop
        await runner.detach(self._attachment)
        if runner.is_unused and _runners.get(self._key) is runner:
            del _runners[self._key]
        await _watch.release(self._attachment.feed.client, self)


def attach(
    feed: Feed, tools: Sequence[Tool[..., Any]], approve: Approve | None = None
) -> Desk:
    """Answer the calls of a chat with these tools, from now on.

    Sessions on the same chat share one runner: each call goes to the session that
    came last with a tool of that name.
    """
    client = feed.client
    key = (client.url, feed.chat_id)
    runner = _runners.get(key)
    if runner is None or runner.is_stale:
        runner = _runners[key] = ToolRunner(client, feed.chat_id)
    by_name = {each.name: each for each in tools}
    attachment = Attachment(feed, by_name, Consent(approve))
    desk = Desk(key, runner, attachment)
    _watch.acquire(client, desk, _heard)
    runner.attach(attachment)
    return desk


def _heard(address: str, event: WatchEvent) -> None:
    runner = _runners.get((address, event.chat.id))
    if runner is not None:
        runner.hear(event.tool_calls)
