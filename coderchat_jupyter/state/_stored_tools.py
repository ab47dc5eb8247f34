"""Calls and results that are stored, and whose streamed parts may still come.

Each call of a stream is looked for among them. They are gathered when the messages
have changed, and kept beside the state otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from coderchat_jupyter.state._fold import Blocks, find_tool
from coderchat_jupyter.state.history import tail
from coderchat_jupyter.wire.messages import Message

__all__ = ["NO_TOOLS", "StoredTools"]

# Steps whose parts may still come though they are stored: one, and some to spare.
_TRAILING: Final = 4


@dataclass(frozen=True, eq=False)
class StoredTools:
    """The calls and results of the last messages.

    Attributes:
        messages: All messages, as they were looked through.
        is_whole: All of the running turn was looked through, not its last steps.
        parts: Type and id of each that was found.
    """

    messages: tuple[Message, ...] = ()
    is_whole: bool = False
    parts: frozenset[tuple[str, str]] = frozenset()

    def of(self, messages: tuple[Message, ...], *, is_whole: bool) -> StoredTools:
        """Those of some messages; the same object if they are the same messages."""
        if messages is self.messages and is_whole is self.is_whole:
            return self
        # Only the last steps' may trail; a turn may have hundreds.
        asked = tail(messages) if is_whole else _last_steps(messages)
        parts = frozenset().union(*[message.tool_parts for message in asked])
        return StoredTools(messages, is_whole, parts)

    def has_out_of_view(self, part: Any, blocks: Blocks) -> bool:
        """A part is of a call that is stored and not shown: told again, or late.

        Args:
            part: A call or a result.
            blocks: What is in view.
        """
        if (part.type, part.tool_call_id) not in self.parts:
            return False
        return find_tool(blocks, part.tool_call_id) is None


NO_TOOLS: Final = StoredTools()


def _last_steps(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    steps, place = 0, len(messages)
    while place and steps < _TRAILING:
        role = messages[place - 1].role
        if role == "user":
            break
        steps += role == "assistant"
        place -= 1
    return messages[place:]
