"""Tool servers that administrators set up for chats (upstream `MCPServerConfig`)."""

from __future__ import annotations

from typing import Annotated, Final

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire._values import Items, Moment

__all__ = ["AUTH_TYPES", "AVAILABILITIES", "TRANSPORTS", "McpServer"]

AUTH_TYPES: Final = ("none", "oauth2", "api_key", "custom_headers", "user_oidc")
AVAILABILITIES: Final = ("force_on", "default_on", "default_off")
TRANSPORTS: Final = ("streamable_http", "sse")


class McpServer(WireModel):
    """A server that speaks the Model Context Protocol. Its secrets are never told.

    The fields of OAuth2 and `api_key_header` are told to administrators only.
    """

    id: str
    display_name: str = ""
    slug: str = ""
    description: str = ""
    icon_url: str = ""
    transport: str = ""
    url: str = ""
    auth_type: str = ""
    oauth2_client_id: Annotated[str, OMIT] = ""
    has_oauth2_secret: bool = False
    oauth2_auth_url: Annotated[str, OMIT] = ""
    oauth2_token_url: Annotated[str, OMIT] = ""
    oauth2_scopes: Annotated[str, OMIT] = ""
    api_key_header: Annotated[str, OMIT] = ""
    has_api_key: bool = False
    has_custom_headers: bool = False
    tool_allow_list: Items[str] = ()
    tool_deny_list: Items[str] = ()
    availability: str = ""
    enabled: bool = False
    model_intent: bool = False
    allow_in_plan_mode: bool = False
    forward_coder_headers: bool = False
    created_at: Moment = ZERO_TIME
    updated_at: Moment = ZERO_TIME
    auth_connected: bool = False
