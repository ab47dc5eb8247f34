"""Calls on the catalogue of models."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.models import ModelsResponse

__all__ = ["Models"]


class Models:
    """The models that the caller may choose from."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def list(self) -> ModelsResponse:
        """Enabled models by provider type, or why a provider cannot be used."""
        found: ModelsResponse = await self._http.get(
            routes.MODELS, returns=ModelsResponse
        )
        return found
