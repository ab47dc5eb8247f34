"""Every method of the two Go clients: what it is called here, and how it is called.

A row drives our method with everything that can be said to it. What must come out of
it on the wire stands in the contract; here stand only the values that fill its holes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.client.method_rows import CHAT, CHAT_BODY, ID, MESSAGE, Row
from tests.client.methods_of_chats import CHATS
from tests.client.methods_of_models import MODELS
from tests.client.methods_of_settings import SETTINGS

__all__ = ["G0", "G1", "SOCKETS", "Row"]

SOCKETS: Final = frozenset({"StreamChat", "WatchChats"})
"""Methods that open a WebSocket: the contract names no HTTP method for them."""

G1: Final[dict[str, Row]] = {**CHATS, **MODELS, **SETTINGS}

_EARLY: Final = "v2.31.0"

_SAME: Final = (
    "ListChatModels",
    "ListChatProviders",
    "CreateChatProvider",
    "UpdateChatProvider",
    "DeleteChatProvider",
    "ListChatModelConfigs",
    "CreateChatModelConfig",
    "UpdateChatModelConfig",
    "DeleteChatModelConfig",
    "CreateChat",
    "StreamChat",
    "CreateChatMessage",
    "InterruptChat",
    "GetChatDiffContents",
)

G0: Final[dict[str, Row]] = {
    **{name: replace(G1[name], release=_EARLY) for name in _SAME},
    "ListChats": Row(
        ours="chats.list",
        call=lambda c: c.chats.list(archived=True),
        holes=("archived=true",),
        answer=[CHAT_BODY],
        release=_EARLY,
    ),
    "GetChat": Row(
        ours="chats.get",
        call=lambda c: c.chats.get(CHAT),
        holes=(ID,),
        answer={"chat": CHAT_BODY, "messages": [MESSAGE], "queued_messages": None},
        release=_EARLY,
    ),
    "ArchiveChat": Row(
        ours="chats.archive",
        call=lambda c: c.chats.archive(CHAT),
        holes=(ID,),
        release=_EARLY,
    ),
    "UnarchiveChat": Row(
        ours="chats.unarchive",
        call=lambda c: c.chats.unarchive(CHAT),
        holes=(ID,),
        release=_EARLY,
    ),
    "EditChatMessage": Row(
        ours="messages.edit",
        call=lambda c: c.messages.edit(CHAT, 7, "Again"),
        holes=(ID, "7"),
        request="EditChatMessageRequest",
        answer=MESSAGE,
        release=_EARLY,
    ),
    "GetChatGitChanges": Row(
        ours="diffs.git_changes",
        call=lambda c: c.diffs.git_changes(CHAT),
        holes=(ID,),
        answer=[],
        release=_EARLY,
    ),
    "GetChatDiffStatus": Row(
        ours="diffs.status",
        call=lambda c: c.diffs.status(CHAT),
        holes=(ID,),
        answer={"chat_id": ID},
        release=_EARLY,
    ),
}
