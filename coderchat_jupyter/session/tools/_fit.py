"""Cut JSON values to a size, so that what is left still makes sense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.messages import MAX_BODY_BYTES
from coderchat_jupyter.wire.tools import SubmitToolResults, ToolResult

__all__ = ["fit", "fit_results", "size"]

MAX_RESULT_BYTES: Final = 64 * 1024
"""What one call may answer: more would fill the context of most models."""

# Of the body, beside the outputs themselves: names, quotes, ids.
_FRAME_BYTES: Final = 2048
_LEAST_BYTES: Final = 200


def size(value: Any) -> int:
    """Bytes of a value as it is sent; some characters are six of them."""
    return len(dumps(value)) - 1


def fit_results(results: Sequence[ToolResult]) -> tuple[ToolResult, ...]:
    """Cut the outputs until the body that holds them may be sent.

    Small ones stay whole; large ones share what is left.
    """
    cut = tuple(results)
    room = MAX_BODY_BYTES - _FRAME_BYTES
    while True:
        sizes = [size(each.output) for each in cut]
        frames = size(SubmitToolResults(results=cut)) - sum(sizes)
        limit = min(MAX_RESULT_BYTES, _fair_share(sizes, room - frames))
        if max(sizes, default=0) <= limit:
            return cut
        if limit <= _LEAST_BYTES:
            return tuple(each.model_copy(update={"output": "…"}) for each in cut)
        cut = tuple(
            each if bytes_ <= limit else _with_output(each, fit(each.output, limit))
            for each, bytes_ in zip(cut, sizes, strict=True)
        )


def _fair_share(sizes: Sequence[int], room: int) -> int:
    """The most that one may take so that all together fit."""
    left = room
    for index, each in enumerate(sorted(sizes)):
        share = left // (len(sizes) - index)
        if each > share:
            return share
        left -= each
    return room


def _with_output(result: ToolResult, output: Any) -> ToolResult:
    return result.model_copy(update={"output": output})


def fit(value: Any, limit: int) -> Any:
    """Cut a value to `limit` bytes, with a mark where something is left out."""
    if size(value) <= limit:
        return value
    if isinstance(value, str):
        return _cut_text(value, limit)
    if isinstance(value, list):
        return _cut_list(value, limit)
    if isinstance(value, dict):
        return _cut_dict(value, limit)
    return "…"


def _cut_text(text: str, limit: int) -> str:
    """The beginning and the end, which say most of what there was."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if size(_ends(text, middle)) <= limit:
            low = middle
        else:
            high = middle - 1
    return _ends(text, low)


def _ends(text: str, kept: int) -> str:
    tail = kept // 4
    head = kept - tail
    gone = len(text) - kept
    mark = f"\n… [{gone:,} of {len(text):,} characters left out] …\n"
    return text[:head] + mark + (text[-tail:] if tail else "")


def _cut_list(items: list[Any], limit: int) -> list[Any]:
    kept: list[Any] = []
    left = limit - _LEAST_BYTES // 2
    for item in items:
        cut = fit(item, max(left // 2, _LEAST_BYTES)) if not kept else item
        needed = size(cut) + 1
        if needed > left:
            break
        kept.append(cut)
        left -= needed
    if (gone := len(items) - len(kept)) > 0:
        kept.append(f"… [{gone:,} of {len(items):,} items left out]")
    return kept


def _cut_dict(entries: dict[str, Any], limit: int) -> dict[str, Any]:
    """Small entries whole, and of the large ones what there is room for."""
    left = limit - _LEAST_BYTES // 2
    kept: dict[str, Any] = {}
    by_size = sorted(entries, key=lambda key: size(entries[key]))
    for index, key in enumerate(by_size):
        share = left // (len(by_size) - index)
        cut = fit(entries[key], max(share - size(key) - 2, _LEAST_BYTES // 4))
        needed = size(key) + size(cut) + 2
        if needed > left:
            break
        kept[key] = cut
        left -= needed
    found = {key: kept[key] for key in entries if key in kept}
    if (gone := len(entries) - len(found)) > 0:
        found["…"] = f"[{gone:,} of {len(entries):,} entries left out]"
    return found
