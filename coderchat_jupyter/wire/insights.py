"""Insights: what the pull requests made by chats came to.

Amounts are micros (millionths of a US dollar), rates are between 0 and 1. A rate or
a cost per pull request is 0 where there is nothing to divide by.
"""

from __future__ import annotations

from typing import Annotated

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId

__all__ = [
    "PullRequest",
    "PullRequestDay",
    "PullRequestInsights",
    "PullRequestModel",
    "PullRequestSummary",
]


class PullRequestSummary(WireModel):
    """Totals of a period; `prev_…` are those of the equally long one before it.

    `approval_rate` is always 0: no server fills it.
    """

    total_prs_created: int = 0
    total_prs_merged: int = 0
    merge_rate: float = 0.0
    total_additions: int = 0
    total_deletions: int = 0
    total_cost_micros: int = 0
    cost_per_merged_pr_micros: int = 0
    approval_rate: float = 0.0
    prev_total_prs_created: int = 0
    prev_total_prs_merged: int = 0
    prev_merge_rate: float = 0.0
    prev_cost_per_merged_pr_micros: int = 0


class PullRequestDay(WireModel):
    """What happened on one day (UTC)."""

    date: Moment
    prs_created: int = 0
    prs_merged: int = 0
    prs_closed: int = 0


class PullRequestModel(WireModel):
    """The pull requests made with one model."""

    model_config_id: ModelConfigId
    display_name: str = ""
    provider: str = ""
    total_prs: int = 0
    merged_prs: int = 0
    merge_rate: float = 0.0
    total_additions: int = 0
    total_deletions: int = 0
    total_cost_micros: int = 0
    cost_per_merged_pr_micros: int = 0


class PullRequest(WireModel):
    """One pull request and the chat that made it.

    `state` is open, merged, closed or something of a newer server.
    """

    chat_id: ChatId
    pr_title: str = ""
    pr_url: Annotated[str | None, OMIT] = None
    pr_number: Annotated[int | None, OMIT] = None
    state: str = ""
    draft: bool = False
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0
    commits: Annotated[int | None, OMIT] = None
    approved: Annotated[bool | None, OMIT] = None
    changes_requested: bool = False
    reviewer_count: Annotated[int | None, OMIT] = None
    author_login: Annotated[str | None, OMIT] = None
    author_avatar_url: Annotated[str | None, OMIT] = None
    base_branch: str = ""
    model_display_name: str = ""
    cost_micros: int = 0
    created_at: Moment


class PullRequestInsights(WireModel):
    """What the pull requests of a period came to (upstream `PRInsightsResponse`).

    At most 500 recent pull requests are listed, each once, with its newest chat.
    """

    summary: PullRequestSummary = PullRequestSummary()
    time_series: Items[PullRequestDay] = ()
    by_model: Items[PullRequestModel] = ()
    recent_prs: Items[PullRequest] = ()
