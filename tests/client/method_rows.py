"""What a row of the table of methods says, and the values that rows share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.ids import (
    ChatId,
    FileId,
    GroupId,
    ModelConfigId,
    OrganizationId,
    ProviderId,
    UserId,
)

__all__ = [
    "AT",
    "CHAT",
    "CHAT_BODY",
    "FILE",
    "GROUP",
    "ID",
    "MESSAGE",
    "MODEL",
    "MODEL_BODY",
    "ORGANIZATION",
    "OTHER",
    "PROVIDER",
    "USER",
    "Row",
]

ID: Final = "00000000-0000-4000-8000-000000000001"
OTHER: Final = "00000000-0000-4000-8000-000000000002"
CHAT: Final = ChatId(ID)
FILE: Final = FileId(ID)
GROUP: Final = GroupId(ID)
MODEL: Final = ModelConfigId(ID)
ORGANIZATION: Final = OrganizationId(OTHER)
PROVIDER: Final = ProviderId(ID)
USER: Final = UserId(ID)
AT: Final = "2026-06-01T12:00:00Z"
CHAT_BODY: Final = {"id": ID, "created_at": AT, "updated_at": AT}
MESSAGE: Final = {"id": 7, "chat_id": ID, "created_at": AT, "role": "user"}
MODEL_BODY: Final = {"id": ID, "provider": "openai", "model": "m"}

Call = Callable[[Client], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One method.

    Attributes:
        ours: Its name below `Client`.
        call: A call of it that leaves nothing out.
        holes: What fills the `%s` of its path in the contract, in order.
        query: What it asks besides.
        request: The Go type of its body; all fields of it have to be there.
        answer: What the server says; None for what the record says.
        release: Which server it is for.
    """

    ours: str
    call: Call
    holes: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)
    request: str = ""
    answer: Any = None
    release: str = "v2.34.0"
