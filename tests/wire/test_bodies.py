"""Every shape of body that three releases answered with, and every written example.

Each is read with the class that its call has in the client, and written back the same.
"""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire.chats import Chat, CreateChat
from coderchat_jupyter.wire.cost import UsageLimitStatus
from coderchat_jupyter.wire.failures import ErrorBody, UsageLimitBody
from coderchat_jupyter.wire.files import UploadedFile
from coderchat_jupyter.wire.framing import Envelope, decode_frame
from coderchat_jupyter.wire.keys import ChatProvider, UserChatProvider, UserKey
from coderchat_jupyter.wire.messages import (
    EditedMessage,
    MessagesPage,
    Prompts,
    SentMessage,
)
from coderchat_jupyter.wire.models import ModelConfig, ModelsResponse
from coderchat_jupyter.wire.pubsub import StreamNotice
from coderchat_jupyter.wire.settings import (
    AdvisorConfig,
    AutoArchiveDays,
    CompactionThreshold,
    CompactionThresholds,
    ComputerUseProvider,
    CustomPrompt,
    DebugLogging,
    DebugRetentionDays,
    DesktopEnabled,
    ModelOverride,
    PersonalOverrides,
    PersonalOverridesAllowed,
    PlanModeInstructions,
    RetentionDays,
    SystemPrompt,
    TemplateAllowlist,
    UserDebugLogging,
    WorkspaceTTL,
)
from coderchat_jupyter.wire.tools import SubmitToolResults
from coderchat_jupyter.wire.watch import WatchEvent
from tests.wire.contract import unknown_fields

FIXTURES: Final = pathlib.Path(__file__).parent.parent / "fixtures"
RELEASES: Final = ("v2.33.9", "v2.34.0", "v2.36.0")

ANSWERS: Final[dict[str, Any]] = {
    "GET /chats": Items[Chat],
    "POST /chats": Chat,
    "GET /chats/config/advisor": AdvisorConfig,
    "GET /chats/config/auto-archive-days": AutoArchiveDays,
    "GET /chats/config/computer-use-provider": ComputerUseProvider,
    "GET /chats/config/debug-logging": DebugLogging,
    "GET /chats/config/debug-retention-days": DebugRetentionDays,
    "GET /chats/config/desktop-enabled": DesktopEnabled,
    "GET /chats/config/model-override/*": ModelOverride,
    "GET /chats/config/personal-model-overrides": PersonalOverridesAllowed,
    "GET /chats/config/plan-mode-instructions": PlanModeInstructions,
    "GET /chats/config/retention-days": RetentionDays,
    "GET /chats/config/system-prompt": SystemPrompt,
    "GET /chats/config/template-allowlist": TemplateAllowlist,
    "GET /chats/config/user-compaction-thresholds": CompactionThresholds,
    "PUT /chats/config/user-compaction-thresholds/*": CompactionThreshold,
    "GET /chats/config/user-debug-logging": UserDebugLogging,
    "GET /chats/config/user-personal-model-overrides": PersonalOverrides,
    "GET /chats/config/user-prompt": CustomPrompt,
    "PUT /chats/config/user-prompt": CustomPrompt,
    "GET /chats/config/workspace-ttl": WorkspaceTTL,
    "POST /chats/files": UploadedFile,
    "GET /chats/model-configs": Items[ModelConfig],
    "POST /chats/model-configs": ModelConfig,
    "PATCH /chats/model-configs/*": ModelConfig,
    "GET /chats/models": ModelsResponse,
    "GET /chats/providers": Items[ChatProvider],
    "GET /chats/user-provider-configs": Items[UserChatProvider],
    "GET /chats/*": Chat,
    "POST /chats/*/interrupt": Chat,
    "GET /chats/*/messages": MessagesPage,
    "POST /chats/*/messages": SentMessage,
    "PATCH /chats/*/messages/*": EditedMessage,
    "GET /chats/*/prompts": Prompts,
    "POST /chats/*/title/regenerate": Chat,
    "GET /users/me/ai-provider-keys": Items[UserKey],
    "PUT /users/me/ai-provider-keys/*": UserKey,
}

EXAMPLES: Final[dict[str, Any]] = {
    "create_chat_request": CreateChat,
    "create_chat_response": Chat,
    "list_chats_response": Items[Chat],
    "messages_response": MessagesPage,
    "send_message_direct_response": SentMessage,
    "send_message_queued_response": SentMessage,
    "tool_results_request": SubmitToolResults,
    "usage_limit_409": UsageLimitBody,
    "validation_400": ErrorBody,
    "watch_event_title": WatchEvent,
    "watch_event_action_required": WatchEvent,
    "model_config_response": ModelConfig,
    "usage_status_unlimited": UsageLimitStatus,
    "stream_g0_envelope": Envelope,
    "pubsub_notify_messages": Items[StreamNotice],
}


def answer_of(method: str, path: str, status: int) -> Any:
    """The class that reads an answer: the longest pattern that fits wins.

    Raises:
        LookupError: No call of the client answers like that.
    """
    if status >= 400:
        return ErrorBody
    for pattern in sorted(ANSWERS, key=len, reverse=True):
        if re.fullmatch(pattern.replace("*", "[^/]+"), f"{method} {path}"):
            return ANSWERS[pattern]
    raise LookupError(f"{method} {path} {status}")


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def bodies(release: str) -> Iterator[tuple[str, Any, Any]]:
    """Each body of a release: its call, the class that reads it, and itself."""
    record = json.loads((FIXTURES / "bodies" / f"{release}.json").read_text())
    for entry in record:
        method, path, status = entry["method"], entry["path"], entry["status"]
        for body in entry["bodies"]:
            if body is not None:
                kind = answer_of(method, path, status)
                yield f"{method} {path} {status}", kind, body


@pytest.mark.parametrize("release", RELEASES)
def test_every_body_is_read_and_written_back_the_same(release: str) -> None:
    """Errors, lists, nulls and unknown fields included."""
    changed = [
        call
        for call, kind, body in bodies(release)
        if encode(decode(adapter(kind), json.dumps(body), what=call), only_set=True)
        != body
    ]

    assert changed == []


@pytest.mark.parametrize("release", RELEASES)
def test_no_field_of_a_body_is_unknown(release: str) -> None:
    """What the releases of this record send, this one has names for."""
    unknown = {
        f"{call}: {place}"
        for call, kind, body in bodies(release)
        for place in unknown_fields(adapter(kind).validate_json(json.dumps(body)))
    }

    assert sorted(unknown) == []


@pytest.mark.parametrize("release", RELEASES)
def test_the_record_of_bodies_is_here(release: str) -> None:
    """Without it the tests above would pass by silence."""
    assert len(list(bodies(release))) > 50


def examples() -> dict[str, Any]:
    document = json.loads((FIXTURES / "contract" / "wire-examples.json").read_text())
    return {example["name"]: example["body"] for example in document["examples"]}


@pytest.mark.parametrize("name", sorted(examples()))
def test_every_example_is_read_and_written_back_the_same(name: str) -> None:
    """Streams by their frame, everything else by its class."""
    body = examples()[name]
    text = json.dumps(body)

    batch = name.startswith("stream_") and name not in EXAMPLES
    value = decode_frame(text) if batch else adapter(EXAMPLES[name]).validate_json(text)

    assert encode(value, only_set=True) == body
    assert list(unknown_fields(value)) == []
