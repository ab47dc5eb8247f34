"""Diffs: what an agent changed in its workspace."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._values import Moment
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.chats import DiffStatus
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["DiffContents", "DiffStatus", "GitChange", "GitChangeType"]

GitChangeType: TypeAlias = Annotated[
    str, Words("added", "modified", "deleted", "renamed")
]


class DiffContents(WireModel):
    """The changes of a chat as text (upstream `ChatDiffContents`).

    Only `chat_id` is set for a chat without a git repository. `diff` is a unified
    diff, of the pull request if there is one, else of the branch.
    """

    chat_id: ChatId
    provider: Annotated[str | None, OMIT] = None
    remote_origin: Annotated[str | None, OMIT] = None
    branch: Annotated[str | None, OMIT] = None
    pull_request_url: Annotated[str | None, OMIT] = None
    diff: Annotated[str, OMIT] = ""


class GitChange(WireModel):
    """One changed file (upstream `ChatGitChange`). `old_path` is set by a renaming."""

    id: str
    chat_id: ChatId
    file_path: str = ""
    change_type: GitChangeType = ""
    old_path: Annotated[str | None, OMIT] = None
    diff_summary: Annotated[str | None, OMIT] = None
    detected_at: Moment
