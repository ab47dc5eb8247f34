"""Bodies of calls that only the older API has."""

from __future__ import annotations

from coderchat_jupyter.server.routes._body import Body, Secret

__all__ = ["CreateProviderBody", "UpdateProviderBody"]


class CreateProviderBody(Body):
    """Of `POST /chats/providers`."""

    provider: str = ""
    display_name: str = ""
    api_key: Secret | None = None
    base_url: str = ""
    enabled: bool | None = None


class UpdateProviderBody(Body):
    """Of `PATCH /chats/providers/{provider}`: None stays, empty clears."""

    display_name: str = ""
    api_key: Secret | None = None
    base_url: str | None = None
    enabled: bool | None = None
