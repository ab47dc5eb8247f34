"""What changed from one view to the next, as patches.

Applied in order to the first view they give the second one, exactly. Text that grew
is sent as what was added, at a cost that does not depend on the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, Field

from coderchat_jupyter.bridge._base import BridgeModel
from coderchat_jupyter.bridge.messages import FieldsChanged
from coderchat_jupyter.bridge.view import Block, ChatView, Row, ToolBlock
from coderchat_jupyter.state.text import TextBuffer

__all__ = [
    "BlockChanged",
    "BlocksSpliced",
    "ChatPatch",
    "RowChanged",
    "RowsSpliced",
    "TextAppended",
    "diff",
    "fields_diff",
]

T = TypeVar("T", bound=BaseModel)


class RowsSpliced(BridgeModel):
    """From row `at` on, `removed` rows are gone and `rows` are there instead."""

    op: Literal["rows_spliced"] = "rows_spliced"
    at: int
    removed: int
    rows: tuple[Row, ...]


class RowChanged(BridgeModel):
    """These fields of a row, its blocks apart, have these values now."""

    op: Literal["row_changed"] = "row_changed"
    row: int
    changes: dict[str, Any]


class BlocksSpliced(BridgeModel):
    """In a row, from block `at` on: `removed` blocks are gone, `blocks` are there."""

    op: Literal["blocks_spliced"] = "blocks_spliced"
    row: int
    at: int
    removed: int
    blocks: tuple[Block, ...]


class BlockChanged(BridgeModel):
    """These fields of a block have these values now."""

    op: Literal["block_changed"] = "block_changed"
    row: int
    block: int
    changes: dict[str, Any]


class TextAppended(BridgeModel):
    """A text of a block grew by `text`."""

    op: Literal["text_appended"] = "text_appended"
    row: int
    block: int
    field: Literal["text", "args", "result"] = "text"
    text: str


ChatPatch: TypeAlias = Annotated[
    FieldsChanged
    | RowsSpliced
    | RowChanged
    | BlocksSpliced
    | BlockChanged
    | TextAppended,
    Field(discriminator="op"),
]


def fields_diff(before: T, after: T, *, skip: frozenset[str]) -> dict[str, Any]:
    """The fields whose values differ, as JSON values."""
    changed = {
        name
        for name in type(after).model_fields
        if name not in skip
        and getattr(before, name) is not getattr(after, name)
        and getattr(before, name) != getattr(after, name)
    }
    return after.model_dump(mode="json", include=changed) if changed else {}


def diff(before: ChatView, after: ChatView) -> tuple[ChatPatch, ...]:
    """The patches that make `after` of `before`; none when they are equal."""
    if before is after:
        return ()
    patches = [*_rows(before.rows, after.rows)]
    changes = fields_diff(before, after, skip=frozenset({"rows"}))
    if changes:
        patches.append(FieldsChanged(changes=changes))
    return tuple(patches)


def _rows(before: tuple[Row, ...], after: tuple[Row, ...]) -> Iterator[ChatPatch]:
    """Rows with the same key are patched in place; the others come and go."""
    if before is after:
        return
    start = _common(before, after)
    for at in range(start):
        yield from _row(at, before[at], after[at])
    old, new = before[start:], after[start:]
    end = _common(old[::-1], new[::-1])
    if len(old) > end or len(new) > end:
        fresh = new[: len(new) - end]
        yield RowsSpliced(at=start, removed=len(old) - end, rows=fresh)
    for back in range(end, 0, -1):
        yield from _row(len(after) - back, before[-back], after[-back])


def _common(before: Sequence[Row], after: Sequence[Row]) -> int:
    """How many rows at the start are the same ones, whatever is in them."""
    count = 0
    for old, new in zip(before, after, strict=False):
        if old is not new and (old.key != new.key or old.role != new.role):
            break
        count += 1
    return count


def _row(at: int, before: Row, after: Row) -> Iterator[ChatPatch]:
    if before is after:
        return
    changes = fields_diff(before, after, skip=frozenset({"blocks"}))
    if changes:
        yield RowChanged(row=at, changes=changes)
    yield from _blocks(at, before.blocks, after.blocks)


def _blocks(
    row: int, before: tuple[Block, ...], after: tuple[Block, ...]
) -> Iterator[ChatPatch]:
    if before is after:
        return
    kept = 0
    for old, new in zip(before, after, strict=False):
        if not _same_block(old, new):
            break
        yield from _block(row, kept, old, new)
        kept += 1
    # After a block that came or went the rest is mostly the same again.
    old_rest, new_rest = before[kept:], after[kept:]
    end = 0
    for old, new in zip(old_rest[::-1], new_rest[::-1], strict=False):
        if old is not new and old != new:
            break
        end += 1
    if len(old_rest) > end or len(new_rest) > end:
        fresh = new_rest[: len(new_rest) - end]
        yield BlocksSpliced(row=row, at=kept, removed=len(old_rest) - end, blocks=fresh)


def _same_block(old: Block, new: Block) -> bool:
    if isinstance(old, ToolBlock) and isinstance(new, ToolBlock):
        return old.tool_call_id == new.tool_call_id
    return type(old) is type(new)


def _block(row: int, at: int, old: Block, new: Block) -> Iterator[ChatPatch]:
    """Appends where a text grew, new values for everything else that differs."""
    if old is new:
        return
    replaced: set[str] = set()
    for name in type(new).model_fields:
        was, now = getattr(old, name), getattr(new, name)
        if was is now:
            continue
        if not isinstance(now, TextBuffer):
            if was != now:
                replaced.add(name)
            continue
        more = _added(was, now)
        if more is None:
            replaced.add(name)
        elif more:
            yield TextAppended(row=row, block=at, field=name, text=more)
    if replaced:
        changes = new.model_dump(mode="json", include=replaced)
        yield BlockChanged(row=row, block=at, changes=changes)


def _added(was: TextBuffer, now: TextBuffer) -> str | None:
    """What `now` has after `was`; None when it does not begin with it."""
    more = now.since(was)
    if more is not None:
        return more
    if len(now) < len(was):
        return None
    # Built apart, as a stored message is from its preview: happens once per text.
    whole, start = str(now), str(was)
    return whole[len(start) :] if whole.startswith(start) else None
