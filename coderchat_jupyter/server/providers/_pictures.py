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

# They are worded in many ways: a model without eyes, a picture that is broken, too
# large, or one too many. Each would fail every later call of its chat, too.
_BLAMED: Final = re.compile(
    r"\b(?:images?|image_url|vision|multimodal|pictures?|media|content type)\b",
    re.IGNORECASE,
)

_STATUSES: Final = frozenset({400, 404, 415, 422, 500, 501})
_TOO_LARGE: Final = 413


def refuses_pictures(call: ModelCall, error: ProviderError) -> bool:
    """Whether a call may have failed only because of the pictures of its tools."""
    is_blamed = error.status_code in _STATUSES and _BLAMED.search(error.message)
    is_too_large = error.status_code == _TOO_LARGE
    return bool(is_blamed or is_too_large) and without_pictures(call) != call


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
    if isinstance(part, ToolResultContent) and part.picture is not None:
        return replace(part, picture=None)
    return part
