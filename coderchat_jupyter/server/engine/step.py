"""One answer of the model, as it grows. No I/O: items in, parts out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from coderchat_jupyter.server.engine.arguments import (
    UnkeptError,
    read_arguments,
    shown_instead,
    sound_text,
)
from coderchat_jupyter.server.engine.tools import CUT_SHORT, result_part
from coderchat_jupyter.server.foreign_json import whole_text
from coderchat_jupyter.server.present import INTERNAL, is_shown
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    Item,
    Metadata,
    PartSigned,
    ReasoningDelta,
    SourceFound,
    StepUsage,
    TextDelta,
    ToolCall,
    ToolInputDelta,
)
from coderchat_jupyter.server.storage.rows import StoredPart
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.parts import (
    Part,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

__all__ = ["Draft", "in_storage_order", "stored"]


def stored(part: Part) -> StoredPart:
    """A part as it is kept."""
    found: StoredPart = in_storage_order(encode(part))
    return found


def in_storage_order(value: Any) -> Any:
    """Keys by length, then by name: so the reference's database keeps objects.

    A model is later shown what it wrote in this order.
    """
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key), key))
        return {key: in_storage_order(value[key]) for key in keys}
    if isinstance(value, list):
        return [in_storage_order(item) for item in value]
    return value


class Draft:
    """What one model call has given so far.

    `add` takes an item and yields the parts to show for it. At the end `content`
    is the message to store; `partial` is what there is of it when it was cut.

    Attributes:
        calls: The calls that are whole.
        args_texts: Their arguments as the model wrote them, by the call's id.
        refused: Of calls that cannot be made, why not.
    """

    def __init__(
        self, started_at: datetime, lent_by: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Begin.

        Args:
            started_at: When the model was asked.
            lent_by: For tools of other servers, the ids of these.
        """
        self.started_at = started_at
        self._lent_by = lent_by
        self.finished: Finished | None = None
        self.calls: list[ToolCallPart] = []
        self.args_texts: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self._blocks: list[Part] = []
        self._metadata: dict[int, Metadata] = {}
        self._text: list[str] = []
        self._reasoning_since: datetime | None = None

    @property
    def usage(self) -> StepUsage | None:
        """What the vendor counted, once it is finished."""
        return self.finished.usage if self.finished else None

    @property
    def goes_on(self) -> bool:
        """Whether the model waits for the results of its calls."""
        return (
            self.finished is not None
            and self.finished.reason == "tool_calls"
            and bool(self.calls)
        )

    def say(self, item: Item) -> str:
        """Take an item if it is more of the text being said; its text, or none."""
        if not isinstance(item, TextDelta) or self._reasoning_since is not None:
            return ""
        self._text.append(item.text)
        return item.text

    def add(self, item: Item, now: datetime) -> Iterator[Part]:
        """Take one item; the parts that show it, in order."""
        match item:
            case TextDelta(text=text):
                if self._reasoning_since is not None:
                    self._end_block(now)
                self._text.append(text)
                yield TextPart(text=text)
            case ReasoningDelta(text=text):
                if self._reasoning_since is None:
                    self._end_block(now)
                    self._reasoning_since = now
                self._text.append(text)
                yield ReasoningPart(text=text)
            case PartSigned(kind=kind, metadata=metadata):
                self._end_block(now)
                self._sign(kind, metadata)
            case ToolInputDelta(call_id=call_id, name=name, delta=delta):
                yield ToolCallPart(
                    tool_call_id=call_id,
                    tool_name=name,
                    mcp_server_config_id=self._lent_by.get(name),
                    args_delta=delta or "",
                )
            case ToolCall():
                yield from self._call(item, now)
            case SourceFound(url=url, title=title):
                self._end_block(now)
                part = SourcePart(url=url, title=title)
                self._blocks.append(part)
                yield part
            case Finished():
                self._end_block(now)
                self.finished = item

    def content(self, *, is_timed: bool = True) -> tuple[StoredPart, ...]:
        """The finished blocks, to be stored; calls with or without their times."""
        kept = []
        for index, block in enumerate(self._blocks):
            part = stored(block)
            if not is_timed and isinstance(block, ToolCallPart):
                del part["created_at"]
            if index in self._metadata:
                part[INTERNAL] = {"metadata": dict(self._metadata[index])}
            kept.append(part)
        return tuple(kept) if any(map(is_shown, kept)) else ()

    def partial(
        self,
        now: datetime,
        have: Mapping[str, ToolResultPart],
        *,
        is_timed: bool = True,
    ) -> tuple[tuple[StoredPart, ...], tuple[ToolResultPart, ...]]:
        """What there is when the step is cut: its content, a result per call.

        `have` are the results that came in time, by call; see `content` for times.
        """
        self._end_block(now)
        results = tuple(
            have.get(call.tool_call_id)
            or result_part(call, {"error": CUT_SHORT}, is_error=True)
            for call in self.calls
        )
        return self.content(is_timed=is_timed), results

    def _call(self, call: ToolCall, now: datetime) -> Iterator[Part]:
        text, refusal = call.args, ""
        try:
            args = read_arguments(text)
        except UnkeptError as error:
            refusal = f"invalid parameters: {error}"
            args = shown_instead(whole_text(text))
            text = json.dumps(args, ensure_ascii=False)
        except ValueError:
            # Shown while it was written, but nothing can be done with it.
            return
        self._end_block(now)
        call_id = call.call_id
        if not call_id or call_id in self.args_texts:
            # Results are told apart by it, here and by vendors.
            call_id = f"call_{uuid4().hex}"
        part = ToolCallPart(
            tool_call_id=call_id,
            tool_name=call.name,
            mcp_server_config_id=self._lent_by.get(call.name),
            args=args,
            created_at=now,
        )
        self._blocks.append(part)
        if call.metadata is not None:
            self._metadata[len(self._blocks) - 1] = call.metadata
        self.calls.append(part)
        self.args_texts[call_id] = sound_text(text, args)
        if refusal:
            self.refused[call_id] = refusal
        yield part

    def _sign(self, kind: str, metadata: Metadata) -> None:
        """Keep what belongs to the block that ended; reasoning may have had no text."""
        last = len(self._blocks) - 1
        is_last = last >= 0 and self._blocks[last].type == kind
        if not is_last or last in self._metadata:
            if kind != "reasoning":
                return
            self._blocks.append(ReasoningPart(text=""))
            last += 1
        self._metadata[last] = metadata

    def _end_block(self, now: datetime) -> None:
        # Some gateways cut an emoji in two, and each half is no text for anybody.
        text, self._text = whole_text("".join(self._text)), []
        since, self._reasoning_since = self._reasoning_since, None
        if not text:
            return
        if since is not None:
            self._blocks.append(
                ReasoningPart(text=text, created_at=since, completed_at=now)
            )
        else:
            self._blocks.append(TextPart(text=text))
