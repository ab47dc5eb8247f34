"""What the model is writing now, as blocks in the order in which they began.

Parts of one step are merged here until the stored message takes their place. Blocks
that a part does not touch stay the very same objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, TypeAlias

from coderchat_jupyter.state.text import NO_TEXT, TextBuffer
from coderchat_jupyter.wire.parts import FilePart, SourcePart

__all__ = [
    "NO_PREVIEW",
    "Block",
    "FileBlock",
    "Preview",
    "ReasoningBlock",
    "SourcesBlock",
    "TextBlock",
    "ToolBlock",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """Prose, in Markdown."""

    text: TextBuffer
    kind: ClassVar[Literal["text"]] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningBlock:
    """What the model thinks before it speaks."""

    text: TextBuffer
    kind: ClassVar[Literal["reasoning"]] = "reasoning"


@dataclass(frozen=True, kw_only=True)
class ToolBlock:
    """A tool call and what it answered, as far as either has come.

    Attributes:
        tool_call_id: The server's, or one made here that begins with `local-`.
        args: The whole value, once it came; `has_args` tells None from nothing.
        args_text: JSON text of the arguments while they stream; may be unfinished.
        result: The whole value, once it came; `has_result` tells None from nothing.
        result_text: What a tool says while it runs.
        is_error: Once true it stays true, until the result is reset.
        from_result: No call was seen, only a result.
    """

    tool_call_id: str
    tool_name: str = ""
    args: Any = None
    has_args: bool = False
    args_text: TextBuffer = NO_TEXT
    result: Any = None
    has_result: bool = False
    result_text: TextBuffer = NO_TEXT
    is_error: bool = False
    from_result: bool = False
    mcp_server_config_id: str | None = None
    parsed_commands: tuple[tuple[str, ...], ...] | None = None
    kind: ClassVar[Literal["tool"]] = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBlock:
    """A file that the agent attached."""

    file: FilePart
    kind: ClassVar[Literal["file"]] = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesBlock:
    """Pages that the answer cites, each address once."""

    sources: tuple[SourcePart, ...]
    kind: ClassVar[Literal["sources"]] = "sources"


Block: TypeAlias = TextBlock | ReasoningBlock | ToolBlock | FileBlock | SourcesBlock


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The blocks of the running step.

    Attributes:
        blocks: In the order in which they began.
        is_over: The run that wrote this has ended; the next part begins anew.
        is_failed: It has failed: nothing of this will be stored.
    """

    blocks: tuple[Block, ...] = ()
    is_over: bool = False
    is_failed: bool = False

    def __bool__(self) -> bool:
        return bool(self.blocks)


NO_PREVIEW: Final = Preview()
