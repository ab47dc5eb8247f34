"""Which model does which work: three names in the releases, one here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client.resources._names import where_it_is
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.errors import UnsupportedError
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.generations import EARLIEST
from coderchat_jupyter.wire.ids import OrganizationId
from coderchat_jupyter.wire.settings import (
    ModelOverride,
    ModelOverrideChange,
    ModelOverrides,
    PersonalOverrideChange,
    PersonalOverrides,
)

__all__ = ["Overrides"]

T = TypeVar("T")


class Overrides:
    """Reads and writes overrides wherever the release keeps them.

    v2.33 calls them `agent-model-override`, v2.34 to v2.36 `model-override`, and later
    ones keep them below an organization.
    """

    def __init__(self, http: Http, users: Users) -> None:
        self._http = http
        self._users = users

    async def read(self, context: str) -> ModelOverride:
        """The deployment's, or the default organization's, choice for one work."""

        async def ask(path: str) -> ModelOverride:
            found: ModelOverride = await self._http.get(path, returns=ModelOverride)
            return found

        async def newer(home: OrganizationId) -> ModelOverride:
            found: ModelOverrides = await self._http.get(
                routes.organization_overrides(home), returns=ModelOverrides
            )
            chosen = (one for one in found.overrides if one.context == context)
            return next(chosen, ModelOverride(context=context))

        return await where_it_is(
            self._http, self._users, lambda: self._named(context, ask), newer
        )

    async def write(
        self, context: str, model_config_id: str, reasoning_effort: str | None
    ) -> None:
        """Choose for one work; an empty id for no choice."""
        body = ModelOverrideChange(
            model_config_id=model_config_id, reasoning_effort=reasoning_effort
        )

        async def ask(path: str) -> None:
            await self._http.send("PUT", path, body)

        async def newer(home: OrganizationId) -> None:
            path = routes.organization_overrides(home, context)
            await self._http.send("PUT", path, body)

        await where_it_is(
            self._http, self._users, lambda: self._named(context, ask), newer
        )

    async def read_personal(self) -> PersonalOverrides:
        """The choices of the caller."""

        async def ask(path: str) -> PersonalOverrides:
            found: PersonalOverrides = await self._http.get(
                path, returns=PersonalOverrides
            )
            return found

        return await where_it_is(
            self._http,
            self._users,
            lambda: ask(routes.setting("user-personal-model-overrides")),
            lambda home: ask(routes.member_overrides(home, "me")),
        )

    async def write_personal(self, context: str, body: PersonalOverrideChange) -> None:
        """Choose for the caller."""

        async def ask(path: str) -> None:
            await self._http.send("PUT", path, body)

        await where_it_is(
            self._http,
            self._users,
            lambda: ask(routes.setting("user-personal-model-overrides", context)),
            lambda home: ask(routes.member_overrides(home, "me", context)),
        )

    async def _named(self, context: str, ask: Callable[[str], Awaitable[T]]) -> T:
        """Ask under the name that the release has for it."""
        generation = await self._http.generation()
        try:
            return await ask(routes.setting(generation.override_path, context))
        except UnsupportedError:
            if generation.is_certain:
                raise
        # It does not say what it is, and may be older than it was taken for.
        return await ask(routes.setting(EARLIEST.override_path, context))
