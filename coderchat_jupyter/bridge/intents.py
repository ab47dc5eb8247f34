"""What a user can do in the chat widget; the whole list is on this screen."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter

from coderchat_jupyter.bridge._base import BridgeModel

__all__ = [
    "CHAT_INTENT",
    "ChatIntent",
    "DeleteQueued",
    "LoadOlder",
    "PromoteQueued",
    "Send",
    "Stop",
]


class Send(BridgeModel):
    """Send a prompt; while the agent is busy it joins the queue."""

    op: Literal["send"] = "send"
    text: str
    model_config_id: str | None = None
    """None: the model that the chat used last."""


class Stop(BridgeModel):
    """Stop the running answer; what there is of it stays."""

    op: Literal["stop"] = "stop"


class LoadOlder(BridgeModel):
    """Fetch messages from before those that are shown."""

    op: Literal["load_older"] = "load_older"


class DeleteQueued(BridgeModel):
    """Take a prompt out of the queue."""

    op: Literal["delete_queued"] = "delete_queued"
    queued_id: int


class PromoteQueued(BridgeModel):
    """Stop the running answer and go on with this prompt."""

    op: Literal["promote_queued"] = "promote_queued"
    queued_id: int


ChatIntent: TypeAlias = Annotated[
    Send | Stop | LoadOlder | DeleteQueued | PromoteQueued, Field(discriminator="op")
]

# A union has no settings of its own, so what hides the input is said again.
CHAT_INTENT: Final[TypeAdapter[ChatIntent]] = TypeAdapter(
    ChatIntent, config=ConfigDict(hide_input_in_errors=True)
)
