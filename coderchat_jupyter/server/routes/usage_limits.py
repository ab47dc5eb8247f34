"""Usage limits: set by an administrator, and one's own budget."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from coderchat_jupyter.server.engine.limits import limit_status
from coderchat_jupyter.server.failures import RequestError, bad_request
from coderchat_jupyter.server.routes._bodies import UsageLimitBody, UsageLimitConfigBody
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    only_admin,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage import groups, limits, users
from coderchat_jupyter.server.storage.groups import GroupRow
from coderchat_jupyter.server.storage.limits import LimitRow
from coderchat_jupyter.server.storage.model_configs import list_model_configs
from coderchat_jupyter.server.storage.rows import ModelConfigRow
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire.ids import UserId
from coderchat_jupyter.wire.usage import (
    GroupLimit,
    UsageLimitConfig,
    UsageLimitSettings,
    UsageLimitStatus,
    UserLimit,
)

__all__ = ["all_routes"]

_PERIODS: Final = ("day", "week", "month")


@endpoint
async def get_config(call: Call) -> Response:
    """`GET /chats/usage-limits`."""
    only_admin(call.user)
    async with call.service.database.read() as connection:
        everybody = await limits.get_limit(connection, "deployment")
        if everybody is None:
            home, *_ = await users.list_organizations(connection)
            everybody = LimitRow(
                scope="deployment",
                target="",
                spend_limit_micros=None,
                period="month",
                updated_at=home.created_at,
            )
        mine = {r.target: r for r in await limits.list_limits(connection, "user")}
        names = await limits.users_by_id(connection, list(mine))
        theirs = {r.target: r for r in await limits.list_limits(connection, "group")}
        known = await groups.list_groups(connection)
        models = await list_model_configs(connection)
    unpriced = [model for model in models if model.enabled and not _is_priced(model)]
    return answer(
        UsageLimitSettings(
            spend_limit_micros=everybody.spend_limit_micros,
            period=everybody.period,
            updated_at=everybody.updated_at,
            unpriced_model_count=len(unpriced),
            overrides=tuple(
                UserLimit(
                    user_id=UserId(user_id),
                    username=username,
                    name=name,
                    spend_limit_micros=mine[user_id].spend_limit_micros,
                )
                for user_id, (username, name) in names.items()
            ),
            group_overrides=tuple(
                _group(group, theirs[group_id])
                for group_id, group in known.items()
                if group_id in theirs
            ),
        )
    )


@endpoint
async def put_config(call: Call) -> Response:
    """`PUT /chats/usage-limits`."""
    only_admin(call.user)
    body = await read_body(call.request, UsageLimitConfigBody)
    amount, period = body.spend_limit_micros, body.period
    if amount is not None:
        _check_amount(amount)
    else:
        # Only a limit that is set must say what it is for.
        period = period or "month"
    if period not in _PERIODS:
        raise bad_request(
            "Invalid usage limit period.",
            detail=f"Must be one of: {', '.join(_PERIODS)}.",
        )
    async with call.service.database.write() as connection:
        row = await limits.set_limit(
            connection,
            call.service.moves.clock(),
            "deployment",
            spend_limit_micros=amount,
            period=period,
        )
    return answer(
        UsageLimitConfig(
            spend_limit_micros=amount, period=period, updated_at=row.updated_at
        )
    )


@endpoint
async def status(call: Call) -> Response:
    """`GET /chats/usage-limits/status`."""
    now = call.service.moves.clock()
    async with call.service.database.read() as connection:
        found = await limit_status(connection, call.user, now)
    unlimited = UsageLimitStatus(period_start=ZERO_TIME, period_end=ZERO_TIME)
    return answer(found or unlimited)


@endpoint
async def put_user(call: Call) -> Response:
    """`PUT /chats/usage-limits/overrides/{user}`."""
    only_admin(call.user)
    user_id = _target(call, "user")
    body = await read_body(call.request, UsageLimitBody)
    _check_amount(body.spend_limit_micros)
    async with call.service.database.write() as connection:
        user = await users.get_user(connection, user_id)
        if user is None:
            raise RequestError(404, "User not found.")
        await limits.set_limit(
            connection,
            call.service.moves.clock(),
            "user",
            user_id,
            spend_limit_micros=body.spend_limit_micros,
        )
    return answer(
        UserLimit(
            user_id=user.id,
            username=user.username,
            name=user.name,
            spend_limit_micros=body.spend_limit_micros,
        )
    )


@endpoint
async def drop_user(call: Call) -> Response:
    """`DELETE /chats/usage-limits/overrides/{user}`."""
    only_admin(call.user)
    user_id = _target(call, "user")
    async with call.service.database.write() as connection:
        if await users.get_user(connection, user_id) is None:
            raise bad_request("User not found.")
        if not await limits.remove_limit(connection, "user", user_id):
            raise bad_request("Usage limit override not found.")
    return no_content()


@endpoint
async def put_group(call: Call) -> Response:
    """`PUT /chats/usage-limits/group-overrides/{group}`."""
    only_admin(call.user)
    group_id = _target(call, "group")
    body = await read_body(call.request, UsageLimitBody)
    _check_amount(body.spend_limit_micros)
    async with call.service.database.write() as connection:
        group = (await groups.list_groups(connection)).get(group_id)
        if group is None:
            raise RequestError(404, "Group not found.")
        row = await limits.set_limit(
            connection,
            call.service.moves.clock(),
            "group",
            group_id,
            spend_limit_micros=body.spend_limit_micros,
        )
    return answer(_group(group, row))


@endpoint
async def drop_group(call: Call) -> Response:
    """`DELETE /chats/usage-limits/group-overrides/{group}`."""
    only_admin(call.user)
    group_id = _target(call, "group")
    async with call.service.database.write() as connection:
        if group_id not in await groups.list_groups(connection):
            raise bad_request("Group not found.")
        if not await limits.remove_limit(connection, "group", group_id):
            raise bad_request("Usage limit group override not found.")
    return no_content()


def _target(call: Call, noun: str) -> str:
    try:
        return normal_uuid(call.request.path_params[noun])
    except ValueError as error:
        raise bad_request(f"Invalid {noun} ID.", detail=str(error)) from None


def _check_amount(micros: int) -> None:
    if micros <= 0:
        raise bad_request(
            "Invalid usage limit.", detail="spend_limit_micros must be greater than 0."
        )


def _is_priced(model: ModelConfigRow) -> bool:
    cost = model.call_config.cost
    return cost is not None and not (
        cost.input_price_per_million_tokens is None
        and cost.output_price_per_million_tokens is None
    )


def _group(group: GroupRow, row: LimitRow) -> GroupLimit:
    return GroupLimit(
        group_id=group.id,
        group_name=group.name,
        group_display_name=group.display_name,
        member_count=group.member_count,
        spend_limit_micros=row.spend_limit_micros,
    )


def all_routes(root: str) -> list[BaseRoute]:
    """The routes below the chats."""
    base = f"{root}/usage-limits"
    user = f"{base}/overrides/{{user}}"
    group = f"{base}/group-overrides/{{group}}"
    return [
        Route(base, get_config),
        Route(base, put_config, methods=["PUT"]),
        Route(f"{base}/status", status),
        Route(user, put_user, methods=["PUT"]),
        Route(user, drop_user, methods=["DELETE"]),
        Route(group, put_group, methods=["PUT"]),
        Route(group, drop_group, methods=["DELETE"]),
    ]
