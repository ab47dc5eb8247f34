"""A browser page that shows one chat widget, without a browser."""

from __future__ import annotations

import json
from typing import Any

from coderchat_jupyter.widgets.chat import ChatWidget
from tests.bridge.pages import applied
from tests.widgets.conftest import Wire, until

__all__ = ["Page"]


class Page:
    """A browser page that shows one widget."""

    def __init__(self, widget: ChatWidget) -> None:
        assert isinstance(widget.comm, Wire)
        self.wire = widget.comm
        told = json.loads(json.dumps(widget.get_state("view")["view"]))
        self.rev, self._view = told["rev"], told["view"]
        self._count = 0

    @property
    def view(self) -> Any:
        """What it shows after all that was sent so far."""
        for message in self.wire.of("patch"):
            if message["rev"] <= self.rev:
                continue
            assert message["rev"] == self.rev + 1, "a patch is missing"
            self.rev += 1
            self._view = applied(self._view, json.loads(json.dumps(message["patches"])))
        return self._view

    @property
    def text(self) -> str:
        """All text of the answers."""
        return "".join(
            block["text"]
            for row in self.view["rows"]
            if row["role"] == "assistant"
            for block in row["blocks"]
            if block["kind"] == "text"
        )

    async def wants(self, **intent: Any) -> Any:
        """Do something, and wait for the kernel's answer: an error or None."""
        self._count += 1
        wanted = f"p-{self._count}"
        self.wire.page_sends({"kind": "intent", "id": wanted, "intent": intent})
        replies = await until(
            lambda: [r for r in self.wire.of("reply") if r["id"] == wanted]
        )
        return replies[0]["error"]
