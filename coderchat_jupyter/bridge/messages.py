"""What travels over a widget's comm, in both directions.

Down: a snapshot when a page asks for one, then patches. `rev` counts messages with
patches; a snapshot carries the number of the last one that is in it. Up: intents,
each answered by a reply with its id, also when it failed.
"""

from __future__ import annotations

from typing import Any, Literal

from coderchat_jupyter.bridge._base import BridgeModel

__all__ = ["FieldsChanged", "IntentMessage", "PatchMessage", "Reply", "Snapshot"]


class Snapshot(BridgeModel):
    """The whole view; it takes the place of whatever the page has."""

    kind: Literal["snapshot"] = "snapshot"
    rev: int
    view: dict[str, Any]


class PatchMessage(BridgeModel):
    """Changes on top of message `rev - 1`, to be made in this order."""

    kind: Literal["patch"] = "patch"
    rev: int
    patches: tuple[dict[str, Any], ...]


class FieldsChanged(BridgeModel):
    """These fields of the view have these values now; the others stay."""

    op: Literal["fields_changed"] = "fields_changed"
    changes: dict[str, Any]


class Reply(BridgeModel):
    """What became of an intent."""

    kind: Literal["reply"] = "reply"
    id: str
    error: str | None = None
    """A sentence for the user; None when it was done."""
    result: dict[str, Any] | None = None


class IntentMessage(BridgeModel):
    """Something a user wants. The intent itself is checked by its own model."""

    kind: Literal["intent"] = "intent"
    id: str
    intent: dict[str, Any]
