"""What request bodies hold: those of chats, limits, models and providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import (
    BeforeValidator,
    Field,
    model_validator,
)

from coderchat_jupyter.server.routes._body import (
    Body,
    Int32,
    Int64,
    Secret,
    Uuid,
    UuidOrNone,
)
from coderchat_jupyter.server.routes._call_config import read_call_config
from coderchat_jupyter.server.routes._go_json import by_field
from coderchat_jupyter.wire.models import CallConfig

__all__ = [
    "CreateChatBody",
    "CreateModelConfigBody",
    "CreateProviderBody",
    "EditMessageBody",
    "KeyChangeBody",
    "SendMessageBody",
    "ToolResultsBody",
    "UpdateAccessBody",
    "UpdateChatBody",
    "UpdateModelConfigBody",
    "UpdateProviderBody",
    "UsageLimitBody",
    "UsageLimitConfigBody",
]


class _InputPart(Body):
    type: str = ""
    text: str = ""
    file_id: UuidOrNone = None
    file_name: str = ""
    start_line: Int64 = 0
    end_line: Int64 = 0
    content: str = ""


class _DynamicTool(Body):
    name: str = ""
    description: str = ""
    input_schema: Any = None


_Parts: TypeAlias = list[_InputPart]


class CreateChatBody(Body):
    """Of `POST /chats`. A zero model id is kept: it is refused, not ignored."""

    organization_id: UuidOrNone = None
    content: _Parts = Field(default_factory=list)
    system_prompt: str = ""
    workspace_id: Uuid | None = None
    model_config_id: Uuid | None = None
    mcp_server_ids: list[Uuid] = Field(default_factory=list)
    labels: dict[str, str] = Field(default_factory=dict)
    unsafe_dynamic_tools: list[_DynamicTool] = Field(default_factory=list)
    plan_mode: str = ""
    client_type: str = ""


class SendMessageBody(Body):
    """Of `POST /chats/{chat}/messages`; without tool servers they stay as they are."""

    content: _Parts = Field(default_factory=list)
    model_config_id: UuidOrNone = None
    mcp_server_ids: list[Uuid] | None = None
    busy_behavior: str = ""
    plan_mode: str | None = None


class EditMessageBody(Body):
    """Of `PATCH /chats/{chat}/messages/{message}`."""

    content: _Parts = Field(default_factory=list)
    model_config_id: UuidOrNone = None


class _ToolResult(Body):
    tool_call_id: str = ""
    output: Any = None
    is_error: bool = False

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        # Here null is a value: the output of a call that gave nothing.
        if not isinstance(value, Mapping):
            return value
        given = by_field(cls, value)
        return {k: v for k, v in given.items() if k == "output" or v is not None}


class ToolResultsBody(Body):
    """Of `POST /chats/{chat}/tool-results`."""

    results: list[_ToolResult] = Field(default_factory=list)


class UpdateChatBody(Body):
    """Of `PATCH /chats/{chat}`; None is not given."""

    title: str | None = None
    archived: bool | None = None
    workspace_id: Uuid | None = None
    pin_order: Int32 | None = None
    labels: dict[str, str] | None = None
    plan_mode: str | None = None


class UpdateAccessBody(Body):
    """Of `PATCH /chats/{chat}/acl`: roles by id."""

    user_roles: dict[str, str] = Field(default_factory=dict)
    group_roles: dict[str, str] = Field(default_factory=dict)


class UsageLimitConfigBody(Body):
    """Of `PUT /chats/usage-limits`; without an amount limits are off."""

    spend_limit_micros: Int64 | None = None
    period: str = ""


class UsageLimitBody(Body):
    """Of `PUT /chats/usage-limits/overrides/{user}` and for groups."""

    spend_limit_micros: Int64 = 0


class _ModelConfigBody(Body):
    provider: str = ""
    # Zero is an id like others: that of no provider.
    ai_provider_id: Uuid | None = None
    model: str = ""
    display_name: str = ""
    enabled: bool | None = None
    is_default: bool | None = None
    context_limit: Int64 | None = None
    compression_threshold: Int32 | None = None
    call_config: Annotated[
        CallConfig | None,
        Field(alias="model_config"),
        BeforeValidator(read_call_config),
    ] = None


class CreateModelConfigBody(_ModelConfigBody):
    """Of `POST /chats/model-configs`."""


class UpdateModelConfigBody(_ModelConfigBody):
    """Of `PATCH /chats/model-configs/{id}`."""


class CreateProviderBody(Body):
    """Of `POST /api/v2/ai/providers`."""

    type: str = ""
    name: str = ""
    display_name: str = ""
    enabled: bool = False
    base_url: str = ""
    api_keys: list[Secret] = Field(default_factory=list)
    settings: Any = None


class KeyChangeBody(Body):
    """A key to keep, or a new one."""

    id: str = ""
    api_key: Secret | None = None


class UpdateProviderBody(Body):
    """Of `PATCH /api/v2/ai/providers/{provider}`; None is not given."""

    display_name: str | None = None
    enabled: bool | None = None
    base_url: str | None = None
    api_keys: list[KeyChangeBody] | None = None
    settings: Any = None
