"""A page without a browser: the view of each widget, kept by its messages."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.kernels._kernel import Message

__all__ = ["Page"]


class Page:
    """Follows one widget from its opening, as the page's own store does."""

    def __init__(self) -> None:
        self.comm_id = ""
        self.view: dict[str, Any] = {}
        self.rev = 0
        self.is_open = False

    def read(self, messages: list[Message]) -> Page:
        """Take in what a kernel published; the first chat widget is followed."""
        for message in messages:
            content = message["content"]
            match message["msg_type"]:
                case "comm_open" if not self.comm_id:
                    state = content["data"].get("state", {})
                    if state.get("_kind") == "chat":
                        self.comm_id, self.is_open = content["comm_id"], True
                        self.view = deepcopy(state["view"]["view"])
                        self.rev = state["view"]["rev"]
                case "comm_msg" if content["comm_id"] == self.comm_id:
                    if content["data"].get("method") == "custom":
                        self._take(content["data"]["content"])
                case "comm_close" if content["comm_id"] == self.comm_id:
                    self.is_open = False
        return self

    @property
    def text(self) -> str:
        """What the agent said, as the page shows it."""
        return "".join(
            block["text"]
            for row in self.view.get("rows", ())
            if row["role"] == "assistant"
            for block in row["blocks"]
            if block["kind"] == "text"
        )

    def _take(self, message: dict[str, Any]) -> None:
        if message["kind"] == "snapshot":
            self.view, self.rev = deepcopy(message["view"]), message["rev"]
        if message["kind"] != "patch" or message["rev"] <= self.rev:
            return
        assert message["rev"] == self.rev + 1, "a patch is missing"
        self.rev = message["rev"]
        for patch in message["patches"]:
            self._apply(deepcopy(patch))

    def _apply(self, patch: dict[str, Any]) -> None:
        rows = self.view["rows"]
        match patch["op"]:
            case "fields_changed":
                self.view.update(patch["changes"])
            case "rows_spliced":
                at = patch["at"]
                rows[at : at + patch["removed"]] = patch["rows"]
            case "row_changed":
                rows[patch["row"]].update(patch["changes"])
            case "blocks_spliced":
                at, blocks = patch["at"], rows[patch["row"]]["blocks"]
                blocks[at : at + patch["removed"]] = patch["blocks"]
            case "block_changed":
                rows[patch["row"]]["blocks"][patch["block"]].update(patch["changes"])
            case "text_appended":
                block = rows[patch["row"]]["blocks"][patch["block"]]
                block[patch["field"]] += patch["text"]
            case op:
                raise AssertionError(f"a page does not know {op}")
