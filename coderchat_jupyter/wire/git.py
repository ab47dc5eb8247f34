"""Changes in the repositories of a chat's workspace, as they are made.

Upstream `WorkspaceAgentGitServerMessage` and its client side; the server passes both
through to the agent in the workspace.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import TypeAdapter, ValidationError

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire._words import Words

__all__ = [
    "AGENT_NOT_READY",
    "MAX_GIT_FRAME_BYTES",
    "NO_AGENTS",
    "NO_WORKSPACE",
    "WORKSPACE_GONE",
    "GitMessage",
    "GitRefresh",
    "RepositoryChanges",
    "decode_git_frame",
    "means_no_diff",
]

MAX_GIT_FRAME_BYTES: Final = 2**25
"""A diff of a whole repository may be in one frame."""

NO_WORKSPACE: Final = "Chat has no workspace to watch."
WORKSPACE_GONE: Final = "Chat workspace not found."
NO_AGENTS: Final = "Chat workspace has no agents."
AGENT_NOT_READY: Final = "Agent state is "
"""How the refusal begins that goes on with the state there is and the one needed."""


class RepositoryChanges(WireModel):
    """One repository, as it was when it was looked at.

    Attributes:
        repo_root: Where it is in the workspace.
        branch: What is checked out.
        remote_origin: Where it came from.
        unified_diff: What is not committed.
        removed: It is not there any more.
    """

    repo_root: str
    branch: str = ""
    remote_origin: Annotated[str, OMIT] = ""
    unified_diff: Annotated[str, OMIT] = ""
    removed: Annotated[bool, OMIT] = False


class GitMessage(WireModel):
    """What the workspace says.

    Attributes:
        type: `changes`, `error`, or a type of a newer server.
        scanned_at: When the repositories were looked at.
        repositories: Those that changed.
        message: What went wrong, of an `error`.
    """

    type: Annotated[str, Words("changes", "error")] = ""
    scanned_at: Annotated[Moment | None, OMIT] = None
    repositories: Annotated[Items[RepositoryChanges], OMIT] = ()
    message: Annotated[str, OMIT] = ""


class GitRefresh(WireModel):
    """Asks to look at the repositories now."""

    type: Literal["refresh"] = "refresh"


_MESSAGE: Final = TypeAdapter(GitMessage)


def decode_git_frame(frame: str | bytes) -> GitMessage:
    """Decode one frame.

    Raises:
        ProtocolError: It is not JSON, or no message.
    """
    try:
        return _MESSAGE.validate_json(frame)
    except ValidationError:
        return decode(_MESSAGE, frame, what="message of git")


def means_no_diff(message: str) -> bool:
    """Whether a refusal says that there is nothing to look at: no error to show."""
    told = message.strip()
    exact = (NO_WORKSPACE, WORKSPACE_GONE, NO_AGENTS)
    return told in exact or told.startswith(AGENT_NOT_READY)
