"""Pictures among the results of tools: for models that take them, and for those not."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from coderchat_jupyter.server.providers._protocol import (
    MessageContent,
    ModelCall,
    ProviderError,
    ToolResultContent,
)

__all__ = ["refuses_pictures", "without_pictures"]

_REFUSAL: Final = re.compile(
    r"(?:not|n't|only) (?:\w+ ){0,3}(?:support|accept|allow|take)\w*"
    r" (?:\w+ ){0,4}(?:image|vision|multimodal|picture|media)"
    r"|(?:image|vision|multimodal|picture|media)[\w. `'\"]{0,40}"
    r" (?:not|n't|only) (?:\w+ ){0,2}(?:support|accept|allow|enabled|available)"
    r"|no endpoints found that support image|image_url|unsupported content type",
    re.IGNORECASE,
)

_STATUSES: Final = frozenset({400, 404, 413, 415, 422, 500, 501})


def refuses_pictures(call: ModelCall, error: ProviderError) -> bool:
    """Whether a call may have failed only because of the pictures of its tools."""
    return (
        error.status_code in _STATUSES
        and _REFUSAL.search(error.message) is not None
        and without_pictures(call) != call
    )


def without_pictures(call: ModelCall) -> ModelCall:
    """The call in which results only say that there is a picture."""
    return replace(
        call,
        messages=tuple(
            replace(message, parts=tuple(map(_plain, message.parts)))
            for message in call.messages
        ),
    )


def _plain(part: MessageContent) -> MessageContent:
    is_shown = isinstance(part, ToolResultContent) and part.picture is not None
    return replace(part, picture=None) if is_shown else part  # type: ignore[call-arg]
