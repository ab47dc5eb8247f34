"""What a page does with patches, in Python: the twin of `js/src/store`."""

from __future__ import annotations

from typing import Any

__all__ = ["applied"]


def applied(view: dict[str, Any], patches: list[dict[str, Any]]) -> dict[str, Any]:
    """The view after the patches; both as JSON values. `view` is changed."""
    for patch in patches:
        rows = view["rows"]
        match patch["op"]:
            case "fields_changed":
                view.update(patch["changes"])
            case "rows_spliced":
                at = patch["at"]
                rows[at : at + patch["removed"]] = patch["rows"]
            case "row_changed":
                rows[patch["row"]].update(patch["changes"])
            case "blocks_spliced":
                at = patch["at"]
                blocks = rows[patch["row"]]["blocks"]
                blocks[at : at + patch["removed"]] = patch["blocks"]
            case "block_changed":
                rows[patch["row"]]["blocks"][patch["block"]].update(patch["changes"])
            case "text_appended":
                block = rows[patch["row"]]["blocks"][patch["block"]]
                block[patch["field"]] += patch["text"]
            case op:
                raise AssertionError(f"no page knows {op!r}")
    return view
