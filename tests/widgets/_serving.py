"""A real server for widgets, and everything that a widget ever says to a page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

from coderchat_jupyter.widgets._base import BridgeWidget
from tests.widgets.conftest import Wire, until

__all__ = ["Recorded", "add_user", "ask", "recorded"]


class Recorded(Wire):
    """A comm that keeps all traffic, whatever it is, as text."""

    everything: ClassVar[list[str]] = []

    def publish_msg(
        self, msg_type: str, data: Any = None, *rest: Any, **more: Any
    ) -> None:
        """Called by everything that travels to a page."""
        self.everything.append(json.dumps([msg_type, data, rest, more], default=repr))
        super().publish_msg(msg_type, data, *rest, **more)


def recorded(widget: BridgeWidget[Any]) -> Recorded:
    assert isinstance(widget.comm, Recorded)
    return widget.comm


async def ask(widget: BridgeWidget[Any], **intent: Any) -> dict[str, Any]:
    """Send an intent as a page does, and wait for the reply."""
    wire = recorded(widget)
    name = f"page-{len(wire.of('reply'))}-{intent['op']}"
    wire.page_sends({"kind": "intent", "id": name, "intent": intent})
    found: dict[str, Any] = await until(
        lambda: next((r for r in wire.of("reply") if r["id"] == name), 0)
    )
    return found


def add_user(database: Path, name: str) -> str:
    """A user without rights; the session token."""
    command = [sys.executable, "-m", "coderchat_jupyter", "users", "add", name]
    command += ["--json", "--database", str(database)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    token = json.loads(done.stdout)["token"]
    assert isinstance(token, str)
    return token
