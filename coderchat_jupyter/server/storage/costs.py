"""What chats cost, summed up."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Select, and_, case, cast, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.tables import (
    chats,
    messages,
    model_configs,
    providers,
    users,
)
from coderchat_jupyter.wire.cost import (
    ChatCost,
    CostByUser,
    CostSummary,
    ModelCost,
    UserCost,
)
from coderchat_jupyter.wire.ids import UserId

__all__ = ["cost_by_user", "cost_summary"]

_TOKENS: Final = (
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_creation_tokens",
    "cache_read_tokens",
)


def _tokens(name: str) -> Any:
    return cast(messages.c.usage[name].as_string(), BigInteger)


_COUNTED: Final = or_(*(_tokens(name).is_not(None) for name in _TOKENS))

# The reference keeps no zero, so what cost nothing counts as unpriced.
_PRICED: Final = and_(messages.c.cost_micros.is_not(None), messages.c.cost_micros != 0)


def _sum(column: Any) -> Any:
    # Postgres widens a sum to a decimal.
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


_COST: Final = _sum(messages.c.cost_micros)


def _how_many(condition: Any) -> Any:
    return _sum(case((condition, 1), else_=0))


# An answer that was cut off has no tokens: it is there, but is not counted.
_COUNT: Final = _how_many(_COUNTED).label("message_count")

_TOTALS: Final = (
    _COST.label("total_cost_micros"),
    _sum(_tokens("input_tokens")).label("total_input_tokens"),
    _sum(_tokens("output_tokens")).label("total_output_tokens"),
    _sum(_tokens("cache_read_tokens")).label("total_cache_read_tokens"),
    _sum(_tokens("cache_creation_tokens")).label("total_cache_creation_tokens"),
    _sum(messages.c.runtime_ms).label("total_runtime_ms"),
)


async def cost_summary(
    connection: AsyncConnection, owner_id: UserId, start: datetime, end: datetime
) -> CostSummary:
    """What the answers in `[start, end)` cost; answers edited away count too."""
    of_owner = _answers(start, end).where(chats.c.owner_id == owner_id)
    totals = (await connection.execute(_in_all(of_owner))).one()
    by_model = await connection.execute(_by_model(of_owner))
    by_chat = await connection.execute(_by_chat(of_owner))
    return CostSummary(
        start_date=start,
        end_date=end,
        by_model=tuple(ModelCost.model_validate(dict(r._mapping)) for r in by_model),
        by_chat=tuple(ChatCost.model_validate(dict(r._mapping)) for r in by_chat),
        **totals._mapping,
    )


def _answers(start: datetime, end: datetime) -> Select[Any]:
    """The answers in `[start, end)` and their chats, no column chosen yet."""
    return (
        select()
        .select_from(messages)
        .join(chats, chats.c.id == messages.c.chat_id)
        .where(
            messages.c.role == "assistant",
            messages.c.created_at >= start,
            messages.c.created_at < end,
        )
    )


def _in_all(answers: Select[Any]) -> Select[Any]:
    unpriced = and_(~func.coalesce(_PRICED, False), _COUNTED)
    return answers.add_columns(
        *_TOTALS,
        _how_many(_PRICED).label("priced_message_count"),
        _how_many(unpriced).label("unpriced_message_count"),
    )


def _by_model(answers: Select[Any]) -> Select[Any]:
    named = func.nullif(model_configs.c.display_name, "")
    return (
        answers.add_columns(
            model_configs.c.id.label("model_config_id"),
            func.coalesce(named, model_configs.c.model).label("display_name"),
            providers.c.type.label("provider"),
            model_configs.c.model,
            _COUNT,
            *_TOTALS,
        )
        .join(model_configs, model_configs.c.id == messages.c.model_config_id)
        .join(providers, providers.c.id == model_configs.c.ai_provider_id)
        .group_by(model_configs.c.id, providers.c.type)
        .order_by(_COST.desc(), model_configs.c.id)
    )


def _by_chat(answers: Select[Any]) -> Select[Any]:
    # What children cost is their family's.
    root = chats.alias("root")
    root_id = func.coalesce(chats.c.root_chat_id, chats.c.id)
    return (
        answers.add_columns(
            root_id.label("root_chat_id"),
            func.coalesce(root.c.title, "").label("chat_title"),
            _COUNT,
            *_TOTALS,
        )
        .outerjoin(root, root.c.id == root_id)
        .group_by(root_id, root.c.title)
        .order_by(_COST.desc(), root_id)
    )


async def cost_by_user(
    connection: AsyncConnection,
    start: datetime,
    end: datetime,
    *,
    username: str,
    limit: int,
    offset: int,
) -> CostByUser:
    """What everybody's answers in `[start, end)` cost, the dearest first.

    Args:
        connection: To the database.
        start: The beginning.
        end: The end, which does not belong to it.
        username: Only users with this in one of their names; `%` and `_` stand for
            anything.
        limit: How many users to give.
        offset: How many to leave out before them.
    """
    pattern = f"%{username}%"
    family = func.coalesce(chats.c.root_chat_id, chats.c.id)
    rollup = (
        _answers(start, end)
        .add_columns(
            users.c.id.label("user_id"),
            users.c.username,
            users.c.name,
            _COUNT,
            func.count(distinct(family)).label("chat_count"),
            *_TOTALS,
        )
        .join(users, users.c.id == chats.c.owner_id)
        .where(
            or_(
                users.c.username.ilike(pattern, escape="\\"),
                users.c.name.ilike(pattern, escape="\\"),
            ),
        )
        .group_by(users.c.id, users.c.username, users.c.name)
    )
    count = await connection.execute(
        select(func.count()).select_from(rollup.subquery())
    )
    page = await connection.execute(
        rollup.order_by(_COST.desc(), users.c.username).limit(limit).offset(offset)
    )
    return CostByUser(
        start_date=start,
        end_date=end,
        count=count.scalar_one(),
        users=tuple(UserCost.model_validate(dict(row._mapping)) for row in page),
    )
