"""Calls on usage limits: how much may be spent in a period."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire.ids import GroupId, UserId
from coderchat_jupyter.wire.usage import (
    GroupLimit,
    UsageLimitConfig,
    UsageLimitSettings,
    UsageLimitStatus,
    UsagePeriod,
    UserLimit,
    WriteLimit,
)

__all__ = ["Usage"]


class Usage:
    """Usage limits. Everybody may see their own; setting them needs an admin.

    All amounts are micros: millionths of a US dollar. A limit that is reached makes
    new chats and messages fail with UsageLimitError; releases after v2.36 have
    budgets elsewhere, and all of this raises UnsupportedError there.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def config(self) -> UsageLimitSettings:
        """The limit for everybody, and those of users and groups.

        Raises:
            ForbiddenError: You may not read the deployment's settings.
        """
        found: UsageLimitSettings = await self._http.get(
            routes.USAGE_LIMITS, returns=UsageLimitSettings
        )
        return found

    async def update_config(
        self, spend_limit_micros: int | None, *, period: UsagePeriod = "month"
    ) -> UsageLimitConfig:
        """Set the limit for everybody.

        Args:
            spend_limit_micros: More than 0; None switches all limits off, those of
                users and groups too (they are kept).
            period: `day`, `week` (from Monday) or `month`, in UTC.

        Returns:
            What is stored now.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The limit is not above 0, or there is no such period.
        """
        body = UsageLimitConfig(
            spend_limit_micros=spend_limit_micros,
            period=period,
            updated_at=ZERO_TIME,
        )
        stored: UsageLimitConfig = await self._http.send(
            "PUT", routes.USAGE_LIMITS, body, returns=UsageLimitConfig
        )
        return stored

    async def status(self) -> UsageLimitStatus:
        """How much of your own budget is spent in the current period.

        `is_limited` says that a limit applies to you, not that it is reached;
        `spend_limit_micros` is the one that counts for you. While limits are off,
        `current_spend` is 0 whatever was spent.

        Raises:
            UnsupportedError: The server keeps no limits any more (after v2.36).
        """
        found: UsageLimitStatus = await self._http.get(
            routes.USAGE_LIMIT_STATUS, returns=UsageLimitStatus
        )
        return found

    async def set_user(self, user_id: UserId, spend_limit_micros: int) -> UserLimit:
        """Give one user a limit of their own, which outranks every other.

        Args:
            user_id: The id; a name is not taken here.
            spend_limit_micros: More than 0, per period of the deployment.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such user.
            InvalidRequestError: The limit is not above 0.
        """
        body = WriteLimit(spend_limit_micros=spend_limit_micros)
        stored: UserLimit = await self._http.send(
            "PUT", routes.user_limit(user_id), body, returns=UserLimit
        )
        return stored

    async def delete_user(self, user_id: UserId) -> None:
        """Take a user's own limit away; the group's or deployment's counts again.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: No such user, or the user has no limit.
        """
        await self._http.send("DELETE", routes.user_limit(user_id))

    async def set_group(self, group_id: GroupId, spend_limit_micros: int) -> GroupLimit:
        """Give each member of a group a limit; with several groups the smallest counts.

        Args:
            group_id: The id of the group.
            spend_limit_micros: More than 0, per member and period of the deployment.

        Raises:
            ForbiddenError: You are no admin.
            NotFoundError: No such group.
            InvalidRequestError: The limit is not above 0.
        """
        body = WriteLimit(spend_limit_micros=spend_limit_micros)
        stored: GroupLimit = await self._http.send(
            "PUT", routes.group_limit(group_id), body, returns=GroupLimit
        )
        return stored

    async def delete_group(self, group_id: GroupId) -> None:
        """Take a group's limit away.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: No such group, or the group has no limit.
        """
        await self._http.send("DELETE", routes.group_limit(group_id))
