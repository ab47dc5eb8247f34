"""Calls on the catalogue of models."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client.resources._names import where_it_is
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.ids import OrganizationId
from coderchat_jupyter.wire.models import ModelsResponse, OrganizationModels

__all__ = ["Models"]


class Models:
    """The models that the caller may choose from."""

    def __init__(self, http: Http, users: Users | None = None) -> None:
        self._http = http
        self._users = users or Users(http)

    async def list(self) -> ModelsResponse:
        """Enabled models by provider type, or why a provider cannot be used.

        Servers from v2.37 on have no such list; it is made of the models of the
        caller's default organization then.

        Raises:
            AuthenticationError: The token is not accepted.
        """
        return await where_it_is(
            self._http, self._users, self._catalogue, self._of_organization
        )

    async def _catalogue(self) -> ModelsResponse:
        found: ModelsResponse = await self._http.get(
            routes.MODELS, returns=ModelsResponse
        )
        return found

    async def _of_organization(self, home: OrganizationId) -> ModelsResponse:
        found: OrganizationModels = await self._http.get(
            routes.organization_models(home), returns=OrganizationModels
        )
        return found.as_catalogue()
