"""Between our calls and items and those of pydantic-ai.

Only its `direct.model_request_stream` is used. Everything here runs after the
library was imported by an adapter, so nothing of it is imported at the top.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING, Any, Final

from coderchat_jupyter.server.providers._metadata import (
    metadata_of,
    sound,
)
from coderchat_jupyter.server.providers._protocol import (
    FileContent,
    Finished,
    FinishReason,
    Ignored,
    Item,
    Metadata,
    ModelCall,
    ModelMessage,
    PartSigned,
    ReasoningContent,
    ReasoningDelta,
    Reply,
    SourceFound,
    StepUsage,
    TextContent,
    TextDelta,
    ToolCall,
    ToolCallContent,
    ToolInputDelta,
    ToolResultContent,
)

if TYPE_CHECKING:
    from pydantic_ai import messages as lib
    from pydantic_ai.models import ModelRequestParameters, StreamedResponse

__all__ = ["Reader", "history", "parameters", "reply_of", "tokens", "usage_of"]

_MOST_TOKENS: Final = 2**53
"""Beyond it, not every reader of JSON tells numbers apart."""

_REASONS: Final[dict[str, FinishReason]] = {
    "stop": "stop",
    "tool_call": "tool_calls",
    "length": "length",
    "content_filter": "content_filter",
}


def history(
    call: ModelCall, *, vendor: str, joins_results: bool = False
) -> list[lib.ModelMessage]:
    """Write the call's messages in the library's types, one for one.

    Args:
        call: What is asked.
        vendor: The library's name of the adapter. Reasoning is only sent back
            to the vendor it is marked with, so it is marked with this one.
        joins_results: Put the results of one step in one message, and mark
            the failed ones: Anthropic wants both. Elsewhere a mark would
            make the library change the text.
    """
    from pydantic_ai import messages as lib

    told: list[lib.ModelMessage] = []
    if call.system:
        prompts = [lib.SystemPromptPart(text) for text in call.system]
        told.append(lib.ModelRequest(prompts))
    for message in call.messages:
        if message.role == "assistant":
            told.append(lib.ModelResponse(list(_said(message, vendor))))
            continue
        parts = list(_asked(message, marks_errors=joins_results))
        if joins_results and message.role == "tool" and _holds_results(told):
            parts = [*told.pop().parts, *parts]
        told.append(lib.ModelRequest(parts))
    return told


def _holds_results(told: list[lib.ModelMessage]) -> bool:
    return bool(told) and all(
        part.part_kind == "tool-return" for part in told[-1].parts
    )


def _asked(
    message: ModelMessage, *, marks_errors: bool
) -> Iterator[lib.ModelRequestPart]:
    from pydantic_ai import messages as lib

    told: list[str | lib.BinaryContent] = []
    for part in message.parts:
        match part:
            case TextContent(text=text):
                told.append(text)
            case FileContent():
                # Anthropic knows no kinds of text.
                is_plain = part.is_text and marks_errors
                kind = "text/plain" if is_plain else part.media_type
                told.append(
                    lib.BinaryContent(part.data, media_type=kind, identifier=part.name)
                )
    if told:
        only = told[0] if len(told) == 1 else None
        yield lib.UserPromptPart(only if isinstance(only, str) else told)
    for part in message.parts:
        match part:
            case TextContent() | FileContent():
                pass
            case ToolResultContent():
                picture = part.picture
                yield lib.ToolReturnPart(
                    part.name,
                    part.text if picture is None else [part.text, _shown(picture)],
                    part.call_id,
                    outcome="failed" if part.is_error and marks_errors else "success",
                )
            case _:
                raise ValueError(f"a {message.role} message cannot hold {part!r}")


def _shown(picture: FileContent) -> lib.BinaryContent:
    from pydantic_ai import messages as lib

    return lib.BinaryContent(picture.data, media_type=picture.media_type)


def _said(message: ModelMessage, vendor: str) -> Iterator[lib.ModelResponsePart]:
    from pydantic_ai import messages as lib

    for part in message.parts:
        match part:
            case TextContent():
                yield lib.TextPart(part.text, **_kept(part.metadata, vendor))
            case ReasoningContent():
                kept = part.metadata or {}
                yield lib.ThinkingPart(
                    part.text,
                    id=kept.get("id"),
                    signature=kept.get("signature"),
                    **_kept(kept, vendor),
                )
            case ToolCallContent():
                yield lib.ToolCallPart(
                    part.name, part.args, part.call_id, **_kept(part.metadata, vendor)
                )
            case _:
                raise ValueError(f"a model's message cannot hold {part!r}")


def _kept(metadata: Metadata | None, vendor: str) -> dict[str, Any]:
    """What a vendor wants back with a part, where the library looks for it."""
    if metadata is None:
        return {}
    return {"provider_name": vendor, "provider_details": metadata.get("details")}


def parameters(call: ModelCall) -> ModelRequestParameters:
    """Describe the tools of the call."""
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.tools import ToolDefinition

    return ModelRequestParameters(
        function_tools=[
            ToolDefinition(
                name=tool.name,
                description=tool.description,
                parameters_json_schema=tool.parameters,
            )
            for tool in call.tools
        ]
    )


class Reader:
    """Turns the library's events into items, each as it comes."""

    def __init__(
        self,
        *,
        shows_tool_input: bool,
        calls_stop: bool = False,
        wants_follower: bool = False,
    ) -> None:
        """Make one for one answer.

        Args:
            shows_tool_input: Whether clients see a call's arguments as they grow.
            calls_stop: The vendor has no reason of its own for an answer that ends
                with calls.
            wants_follower: The vendor takes reasoning back only together with what
                came right after it. Its own tools are not given back.
        """
        self._shows_tool_input = shows_tool_input
        self._calls_stop = calls_stop
        self._called = False
        self._wants_follower = wants_follower
        self._signed: PartSigned | None = None
        self._unsigned: dict[int, str | None] = {}
        self._open: dict[int, lib.ToolCallPart] = {}
        self._cited: set[str] = set()

    async def read(self, stream: StreamedResponse) -> AsyncGenerator[Item, None]:
        """Yield the items of a stream; the caller adds `Finished`."""
        async for event in stream:
            for item in self.items(event):
                yield item

    def finish(
        self,
        stream: StreamedResponse,
        usage: StepUsage | None,
        ignored: tuple[Ignored, ...] = (),
    ) -> Finished:
        """Say how the stream ended."""
        reason = _REASONS.get(stream.finish_reason or "stop", "other")
        if reason == "stop" and self._called and self._calls_stop:
            reason = "tool_calls"
        return Finished(reason, usage, ignored)

    def items(self, event: Any) -> Iterator[Item]:
        """What one event says."""
        match event.event_kind:
            case "part_start":
                yield from self._start(event.index, event.part)
            case "part_delta":
                yield from self._delta(event.index, event.delta)
            case "part_end":
                yield from self._end(event.index, event.part)

    def _start(self, index: int, part: Any) -> Iterator[Item]:
        signed, self._signed = self._signed, None
        if signed is not None and part.part_kind in ("text", "thinking", "tool-call"):
            yield signed
        match part.part_kind:
            case "text" if part.content:
                yield TextDelta(_text(part.content))
            case "thinking" if part.content:
                yield ReasoningDelta(_text(part.content))
            case "tool-call":
                _text(part.tool_call_id), _text(part.tool_name)
                self._open[index] = part
                if part.args:
                    # Some vendors send arguments as one object.
                    is_text = isinstance(part.args, str)
                    whole = part.args if is_text else part.args_as_json_str()
                    yield self._input(part, whole)

    def _delta(self, index: int, delta: Any) -> Iterator[Item]:
        match delta.part_delta_kind:
            case "text" if delta.content_delta:
                yield TextDelta(_text(delta.content_delta))
            case "thinking":
                if delta.content_delta:
                    yield ReasoningDelta(_text(delta.content_delta))
                if delta.signature_delta and index in self._unsigned:
                    # Of several summaries the first is signed, after the last.
                    kept = {"signature": delta.signature_delta}
                    if named := self._unsigned.pop(index):
                        kept["id"] = named
                    yield from self._sign(sound(kept))
            case "tool_call" if delta.args_delta and index in self._open:
                yield self._input(self._open[index], delta.args_delta)

    def _input(self, part: lib.ToolCallPart, text: Any) -> ToolInputDelta:
        shown = text if self._shows_tool_input else None
        return ToolInputDelta(part.tool_call_id, part.tool_name, shown)

    def _sign(self, kept: Metadata | None) -> Iterator[Item]:
        if kept is None:
            return
        signed = PartSigned("reasoning", kept)
        if self._wants_follower:
            self._signed = signed
        else:
            yield signed

    def _end(self, index: int, part: Any) -> Iterator[Item]:
        match part.part_kind:
            case "thinking":
                kept = metadata_of(part)
                if kept is None:
                    self._unsigned[index] = part.id
                yield from self._sign(kept)
            case "tool-call":
                self._called = True
                # The text as the model wrote it; the library would write it anew.
                args = part.args if isinstance(part.args, str) and part.args else None
                yield ToolCall(
                    part.tool_call_id,
                    part.tool_name,
                    args or part.args_as_json_str(),
                    metadata_of(part),
                )
            case "text":
                if kept := metadata_of(part):
                    yield PartSigned("text", kept)
                yield from self._sources(part.citations or ())

    def _sources(self, citations: Any) -> Iterator[SourceFound]:
        for source in (one for citation in citations for one in citation.sources):
            url = getattr(source, "url", None)
            if isinstance(url, str) and url not in self._cited:
                self._cited.add(url)
                yield SourceFound(url, getattr(source, "title", None) or "")


def _text(value: Any) -> str:
    """A text of the vendor, which the library passes on whatever it is.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def reply_of(
    response: lib.ModelResponse,
    usage: StepUsage | None,
    ignored: tuple[Ignored, ...] = (),
) -> Reply:
    """Take what counts of an answer that was not streamed."""
    return Reply(
        response.text or "",
        tuple(
            ToolCall(
                _text(part.tool_call_id),
                _text(part.tool_name),
                part.args_as_json_str(),
            )
            for part in response.tool_calls
        ),
        usage,
        ignored,
    )


def tokens(count: object) -> int:
    """A vendor's count; 0 if it counted nothing, or what no tokens can be."""
    if isinstance(count, float) and count.is_integer():
        count = int(count)
    if not isinstance(count, int) or not 0 <= count <= _MOST_TOKENS:
        return 0
    return int(count)


def usage_of(**counts: object) -> StepUsage | None:
    """Build a usage in which zero, and what cannot be, is the same as absent."""
    found = {name: tokens(count) for name, count in counts.items()}
    kept = {name: count for name, count in found.items() if count}
    return StepUsage(**kept) if kept else None
