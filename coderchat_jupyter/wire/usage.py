"""Usage limits: how much may be spent in a period, by everybody, a group or a user.

Amounts are micros: millionths of a US dollar. The limit of a user outranks the
smallest of the user's groups, which outranks the deployment's.
"""

from __future__ import annotations

from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire.cost import UsageLimitStatus, UsagePeriod
from coderchat_jupyter.wire.ids import GroupId, UserId

__all__ = [
    "GroupLimit",
    "UsageLimitConfig",
    "UsageLimitSettings",
    "UsageLimitStatus",
    "UsagePeriod",
    "UserLimit",
    "WriteLimit",
]


class UsageLimitConfig(WireModel):
    """The limit for everybody (upstream `ChatUsageLimitConfig`).

    `spend_limit_micros` is None while limits are off; then no limit of a user or a
    group has any effect either. A server ignores `updated_at` of a request.
    """

    spend_limit_micros: int | None = None
    period: UsagePeriod = "month"
    updated_at: Moment


class UserLimit(WireModel):
    """The limit of one user (upstream `ChatUsageLimitOverride`)."""

    user_id: UserId
    username: str = ""
    name: str = ""
    avatar_url: str = ""
    spend_limit_micros: int | None = None


class GroupLimit(WireModel):
    """The limit of each member of a group (upstream `ChatUsageLimitGroupOverride`)."""

    group_id: GroupId
    group_name: str = ""
    group_display_name: str = ""
    group_avatar_url: str = ""
    member_count: int = 0
    spend_limit_micros: int | None = None


class UsageLimitSettings(UsageLimitConfig):
    """Everything an admin set (upstream `ChatUsageLimitConfigResponse`).

    `unpriced_model_count` counts enabled models without a price: what they cost is
    not seen by any limit.
    """

    unpriced_model_count: int = 0
    overrides: Items[UserLimit] = ()
    group_overrides: Items[GroupLimit] = ()


class WriteLimit(WireModel):
    """Body that sets the limit of a user or a group; more than 0."""

    spend_limit_micros: int
