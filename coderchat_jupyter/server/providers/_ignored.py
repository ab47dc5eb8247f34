"""Which options of a model its provider has no place for, before it is asked."""

from __future__ import annotations

from coderchat_jupyter.server.providers._protocol import Ignored
from coderchat_jupyter.server.providers._settings_anthropic import (
    anthropic_settings,
    bedrock_settings,
)
from coderchat_jupyter.server.providers._settings_google import google_settings
from coderchat_jupyter.server.providers._settings_openai import (
    chat_body,
    responses_body,
    wants_responses,
)
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.provider_options import OPTION_FAMILIES

__all__ = ["ignored_options"]


def ignored_options(
    provider_type: str, model: str, settings: CallConfig | None
) -> tuple[Ignored, ...]:
    """What a turn of a chat would be asked without, as far as settings alone tell."""
    if provider_type not in OPTION_FAMILIES:
        return ()
    match provider_type:
        case "anthropic":
            passed = anthropic_settings(settings, has_tools=True)
        case "bedrock":
            is_claude = "anthropic" in model or "claude" in model
            passed = bedrock_settings(settings, has_tools=True, is_claude=is_claude)
        case "google":
            passed = google_settings(settings, has_tools=True, joins_tools=True)
        case _ if wants_responses(settings, provider_type):
            passed = responses_body(
                settings, provider_type, has_tools=True, may_search=True
            )
        case _:
            passed = chat_body(settings, provider_type, has_tools=True)
    return passed.ignored
