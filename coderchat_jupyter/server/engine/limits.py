"""Whether somebody may still spend, and how much.

The limit of a user outranks the smallest one of the user's groups, which outranks
the deployment's. None counts while the deployment's is off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.storage import groups, limits, users
from coderchat_jupyter.server.storage.rows import ChatRow, UserRow
from coderchat_jupyter.wire.cost import UsageLimitStatus
from coderchat_jupyter.wire.failures import UsageLimitBody
from coderchat_jupyter.wire.ids import OrganizationId

__all__ = [
    "SpendingError",
    "check_budget",
    "check_owner",
    "limit_status",
    "period_bounds",
]


class SpendingError(RequestError):
    """409: the budget of the period is spent."""

    def __init__(self, spent: int, limit: int, resets_at: datetime) -> None:
        message = "Chat usage limit exceeded."
        super().__init__(409, message)
        self.body = UsageLimitBody(
            message=message,
            spent_micros=spent,
            limit_micros=limit,
            resets_at=resets_at,
        )


def period_bounds(period: str, now: datetime) -> tuple[datetime, datetime]:
    """The period that holds `now`, which is in UTC: its start, and the next one's."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return day, day + timedelta(days=1)
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class _Budget:
    """What applies to somebody now."""

    period: str
    limit: int
    spent: int
    start: datetime
    end: datetime


async def check_budget(
    connection: AsyncConnection,
    owner: UserRow,
    organization_id: OrganizationId,
    now: datetime,
) -> None:
    """Refuse if the owner of a chat may not spend more.

    Raises:
        SpendingError: 409.
    """
    budget = await _budget(connection, owner, (organization_id,), now)
    if budget is not None and budget.spent >= budget.limit:
        raise SpendingError(budget.spent, budget.limit, budget.end)


async def check_owner(
    connection: AsyncConnection, chat: ChatRow, now: datetime
) -> None:
    """Refuse if the owner of a chat may not spend more in it.

    Raises:
        SpendingError: 409.
    """
    owner = await users.get_user(connection, chat.owner_id)
    if owner is not None:
        await check_budget(connection, owner, chat.organization_id, now)


async def limit_status(
    connection: AsyncConnection, owner: UserRow, now: datetime
) -> UsageLimitStatus | None:
    """How much of a budget is spent; None while limits are off."""
    budget = await _budget(connection, owner, owner.organization_ids, now)
    if budget is None:
        return None
    return UsageLimitStatus(
        is_limited=True,
        period=budget.period,
        spend_limit_micros=budget.limit,
        current_spend=budget.spent,
        period_start=budget.start,
        period_end=budget.end,
    )


async def _budget(
    connection: AsyncConnection,
    owner: UserRow,
    homes: tuple[OrganizationId, ...],
    now: datetime,
) -> _Budget | None:
    """The budget of a user in some organizations."""
    everybody = await limits.get_limit(connection, "deployment")
    if everybody is None or everybody.spend_limit_micros is None:
        return None
    start, end = period_bounds(everybody.period, now)
    amount, home = everybody.spend_limit_micros, None
    own = await limits.get_limit(connection, "user", owner.id)
    if own is not None and own.spend_limit_micros is not None:
        amount = own.spend_limit_micros
    else:
        shared = await _of_groups(connection, owner, homes)
        if shared:
            amount, home = min(shared)
    spent = await limits.spent(connection, owner.id, start, end, organization_id=home)
    return _Budget(everybody.period, amount, spent, start, end)


async def _of_groups(
    connection: AsyncConnection, owner: UserRow, homes: tuple[OrganizationId, ...]
) -> list[tuple[int, OrganizationId]]:
    """The limits of a user's groups in some organizations, and of which those are."""
    own = set((await connection.execute(groups.groups_of(owner.id))).scalars())
    known = await groups.list_groups(connection)
    found = []
    for row in await limits.list_limits(connection, "group"):
        amount = row.spend_limit_micros
        if amount is None or row.target not in own:
            continue
        home = known[row.target].organization_id
        if home in homes:
            found.append((amount, home))
    return found
