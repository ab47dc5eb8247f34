"""Parts that may only repeat what is shown or stored already.

Who connects is told the parts of the running step again, from the first one; v2.33
tells those of the whole turn. Parts may also trail the message that holds them. Such
parts are collected beside the view until they go beyond what they may repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from coderchat_jupyter.state._fold import find_tool, fold_part
from coderchat_jupyter.state.preview import (
    NO_PREVIEW,
    Preview,
    ReasoningBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.wire.parts import Part, ReasoningPart, TextPart

__all__ = ["NO_ECHO", "Echo", "Owed"]


@dataclass(frozen=True, slots=True)
class Owed:
    """Text and reasoning that the next parts may repeat."""

    text: str = ""
    reasoning: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.reasoning)

    def without(self, part: TextPart | ReasoningPart) -> Owed | None:
        """What is left of it after a part; None if it does not go on like that."""
        if isinstance(part, TextPart):
            if self.text.startswith(part.text):
                return Owed(self.text.removeprefix(part.text), self.reasoning)
        elif self.reasoning.startswith(part.text):
            return Owed(self.text, self.reasoning.removeprefix(part.text))
        # White space that would have begun a block was never shown.
        return self if part.text.isspace() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What a connection has told again, and what else it may tell again.

    Attributes:
        owed: The texts that may be repeated, each a possibility.
        told: The parts that came and only repeated one of them.
        is_rest: It is the end of one stored message: once that is complete, the
            next part is of the next step.
        is_sure: Nothing of it can be of another step, so it need not be collected.
        is_held: The preview in view is of the last connection; `told` takes its
            place as soon as it has come as far.
        episode: That of the preview which is held, where parts are numbered.
    """

    owed: tuple[Owed, ...] = ()
    told: Preview = NO_PREVIEW
    is_rest: bool = False
    is_sure: bool = False
    is_held: bool = False
    episode: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        return bool(self.owed) or self.is_held

    @property
    def is_spent(self) -> bool:
        """The message is complete: the next part is of the next step."""
        return self.is_rest and not any(self.owed)

    def after(self, part: Part, shown: Preview) -> Echo | None:
        """With one more part; None if that goes beyond a repetition.

        Args:
            part: What came.
            shown: The preview in view.
        """
        if isinstance(part, TextPart | ReasoningPart):
            owed = tuple(o for was in self.owed if (o := was.without(part)) is not None)
            if not owed:
                return None
        elif self.is_held and _is_in(part, shown):
            owed = self.owed
        else:
            return None
        told = self.told if self.is_sure else fold_part(self.told, part)
        if self.is_held and not any(owed) and _covers(told, shown):
            return None
        return replace(self, owed=owed, told=told)


NO_ECHO: Final = Echo()


def _is_in(part: Part, shown: Preview) -> bool:
    call_id = getattr(part, "tool_call_id", "")
    return not call_id or find_tool(shown.blocks, call_id) is not None


def _covers(told: Preview, shown: Preview) -> bool:
    """Whether a preview that is built anew has come as far as the one in view."""
    mine, theirs = _extent(told), _extent(shown)
    if any(mine.get(kind, 0) < extent for kind, extent in theirs.items()):
        return False
    calls = (block for block in shown.blocks if isinstance(block, ToolBlock))
    return all(_has_come(told, block) for block in calls)


def _extent(preview: Preview) -> dict[str, int]:
    """Characters of text and reasoning, and how many blocks of other kinds."""
    extent: dict[str, int] = {}
    for block in preview.blocks:
        more = len(block.text) if isinstance(block, TextBlock | ReasoningBlock) else 1
        extent[block.kind] = extent.get(block.kind, 0) + more
    return extent


def _has_come(told: Preview, shown: ToolBlock) -> bool:
    place = find_tool(told.blocks, shown.tool_call_id)
    block = None if place is None else told.blocks[place]
    if not isinstance(block, ToolBlock):
        return False
    has_args = block.has_args or (
        not shown.has_args and len(block.args_text) >= len(shown.args_text)
    )
    has_result = block.has_result or (
        not shown.has_result and len(block.result_text) >= len(shown.result_text)
    )
    return has_args and has_result
