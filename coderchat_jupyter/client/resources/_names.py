"""Calls that newer releases have below an organization."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.errors import UnsupportedError
from coderchat_jupyter.wire.generations import Generation
from coderchat_jupyter.wire.ids import OrganizationId

__all__ = ["where_it_is"]

T = TypeVar("T")


async def where_it_is(
    http: Http,
    users: Users,
    older: Callable[[], Awaitable[T]],
    newer: Callable[[OrganizationId], Awaitable[T]],
) -> T:
    """Make a call in the way that the release has it.

    A server that does not say for certain what it is, is asked in the older way
    first, which nearly all have.

    Args:
        http: Where the server is.
        users: Knows the organization of the caller.
        older: The call for the whole deployment (before v2.37).
        newer: The call for one organization.

    Raises:
        UnsupportedError: The server has it in neither way.
    """
    known = http.known_generation
    if known is not None and known.is_certain and _may_be_newer(known):
        try:
            return await newer(await users.default_organization_id())
        except UnsupportedError:
            return await older()
    try:
        return await older()
    except UnsupportedError:
        # The answer may have said what it is.
        if not _may_be_newer(http.known_generation):
            raise
    return await newer(await users.default_organization_id())


def _may_be_newer(generation: Generation | None) -> bool:
    return generation is None or generation.models_belong_to_organizations
