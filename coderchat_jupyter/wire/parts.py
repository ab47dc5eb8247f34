"""Parts: what a message is made of (upstream `ChatMessagePart`).

One class per type. The server writes a dozen fields on every part whatever its
type, so they stand in the common base; each class adds what only it can have.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Discriminator

from coderchat_jupyter.wire._base import OMIT, MadeHere, RawValue, WireModel
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire.ids import FileId

__all__ = [
    "KNOWN_PART_TYPES",
    "TOOL_PARTS",
    "ContextFilePart",
    "FilePart",
    "FileReferencePart",
    "Part",
    "ReasoningPart",
    "SkillPart",
    "SourcePart",
    "TextPart",
    "ToolCallPart",
    "ToolResultPart",
    "UnknownPart",
]


class _Part(WireModel):
    """The fields that every part carries on the wire, mostly empty."""

    text: str = ""
    mcp_server_config_id: str | None = None
    url: str = ""
    media_type: str = ""
    file_id: FileId | None = None
    file_name: str = ""
    start_line: int = 0
    end_line: int = 0
    content: str = ""
    context_file_path: str = ""
    context_file_agent_id: str | None = None
    skill_name: str = ""


class _ModelPart(_Part):
    """A part with something that only its provider reads. Never for people.

    Text is streamed most and has none of it: where it came with some, that is kept
    among the unknown fields.
    """

    signature: Annotated[str, OMIT] = ""
    provider_metadata: Annotated[Any, OMIT] = None


class TextPart(_Part):
    """Prose, in Markdown. While it is streamed: the delta alone."""

    type: Literal["text"] = "text"


class ReasoningPart(_ModelPart):
    """What the model thought before it spoke. While streamed: the delta alone."""

    type: Literal["reasoning"] = "reasoning"
    created_at: Annotated[Moment | None, OMIT] = None
    completed_at: Annotated[Moment | None, OMIT] = None


class ToolCallPart(_ModelPart):
    """The model asks for a tool.

    `args` is the whole value. While it is streamed there may be `args_delta`
    instead: a piece of the JSON text of the arguments.
    """

    type: Literal["tool-call"] = "tool-call"
    tool_call_id: Annotated[str, OMIT] = ""
    tool_name: Annotated[str, OMIT] = ""
    args: Annotated[Any, OMIT] = None
    args_delta: Annotated[str, OMIT] = ""
    parsed_commands: Annotated[Items[Items[str]], OMIT] = ()
    provider_executed: Annotated[bool, OMIT] = False
    created_at: Annotated[Moment | None, OMIT] = None


class ToolResultPart(_ModelPart):
    """What a tool answered."""

    type: Literal["tool-result"] = "tool-result"
    tool_call_id: Annotated[str, OMIT] = ""
    tool_name: Annotated[str, OMIT] = ""
    result: Annotated[Any, OMIT] = None
    result_delta: Annotated[str, OMIT] = ""
    result_reset: Annotated[bool, OMIT] = False
    is_error: Annotated[bool, OMIT] = False
    is_media: Annotated[bool, OMIT] = False
    provider_executed: Annotated[bool, OMIT] = False
    created_at: Annotated[Moment | None, OMIT] = None

    def rewritten(self, fields: dict[str, Any], *, only_set: bool) -> Any:
        """A tool may answer null, which is not the same as no answer."""
        if self.result is None and "result" in self.model_fields_set:
            fields["result"] = None
        return fields


class SourcePart(_ModelPart):
    """A page that the answer cites."""

    type: Literal["source"] = "source"
    source_id: Annotated[str, OMIT] = ""
    title: Annotated[str, OMIT] = ""


class FilePart(_Part):
    """A file: by id, or inline as base64 in `data`."""

    type: Literal["file"] = "file"
    name: Annotated[str, OMIT] = ""
    data: Annotated[str, OMIT] = ""

    @property
    def content_bytes(self) -> bytes | None:
        """The bytes in `data`; None when there are none, or they are not base64."""
        try:
            return base64.b64decode(self.data, validate=True) or None
        except (binascii.Error, ValueError):
            return None


class FileReferencePart(_Part):
    """Some lines of a file, quoted by a user."""

    type: Literal["file-reference"] = "file-reference"


class ContextFilePart(_Part):
    """An instruction file of the workspace; an empty path means none was found."""

    type: Literal["context-file"] = "context-file"
    context_file_truncated: Annotated[bool, OMIT] = False
    context_file_content: Annotated[str, OMIT] = ""
    context_file_os: Annotated[str, OMIT] = ""
    context_file_directory: Annotated[str, OMIT] = ""
    context_file_skill_meta_file: Annotated[str, OMIT] = ""


class SkillPart(_Part):
    """A skill that the agent can read."""

    type: Literal["skill"] = "skill"
    skill_description: Annotated[str, OMIT] = ""
    skill_dir: Annotated[str, OMIT] = ""
    context_file_skill_meta_file: Annotated[str, OMIT] = ""


class UnknownPart(RawValue):
    """A part of a newer server, kept as it came."""

    type: Literal["unknown"] = "unknown"


TOOL_PARTS: Final = frozenset({ToolCallPart, ToolResultPart})
"""The classes that are of a call: by exact type, as `isinstance` costs a call each."""

KNOWN_PART_TYPES: Final = frozenset(
    {
        "context-file",
        "file",
        "file-reference",
        "reasoning",
        "skill",
        "source",
        "text",
        "tool-call",
        "tool-result",
    }
)

Part: TypeAlias = Annotated[
    TextPart
    | ReasoningPart
    | ToolCallPart
    | ToolResultPart
    | SourcePart
    | FilePart
    | FileReferencePart
    | ContextFilePart
    | SkillPart
    | Annotated[UnknownPart, MadeHere()],
    Discriminator("type"),
]
