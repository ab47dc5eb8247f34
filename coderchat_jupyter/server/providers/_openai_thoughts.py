"""The `reasoning_details` of gateways, put together from their pieces. Pure."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["Thoughts"]

_TEXTS: Final = {"reasoning.text": "text", "reasoning.summary": "summary"}
"""Kinds of which a piece continues the one before, and what grows."""


class Thoughts:
    """The details of one answer.

    A gateway wants them back in their order and unchanged, and refuses signed text
    that is cut in pieces.
    """

    def __init__(self) -> None:
        self._details: list[dict[str, Any]] = []
        self._texts: list[list[str]] = []

    def add(self, more: Any) -> None:
        """Take those of another piece, or whatever else stands in their place."""
        for one in more if isinstance(more, list) else ():
            if not isinstance(one, dict):
                continue
            grows = _TEXTS.get(str(one.get("type")))
            text = one.get(grows) if grows else None
            begun = [text] if isinstance(text, str) else []
            last = self._details[-1] if self._details else {}
            if grows and all(last.get(k) == one.get(k) for k in ("type", "index")):
                last.update({k: v for k, v in one.items() if v is not None})
                self._texts[-1] += begun
            else:
                self._details.append(dict(one))
                self._texts.append(begun)

    def whole(self) -> list[dict[str, Any]]:
        """All that was told, in its order."""
        found = []
        for detail, texts in zip(self._details, self._texts, strict=True):
            grows = _TEXTS.get(str(detail.get("type")))
            more = {grows: "".join(texts)} if grows and texts else {}
            found.append({**detail, **more})
        return found
