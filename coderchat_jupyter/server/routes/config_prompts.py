"""What chats are told besides what is said in them: texts of admins and of users."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.responses import Response

from coderchat_jupyter.server.engine import preferences
from coderchat_jupyter.server.failures import bad_request, not_found
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._config_bodies import (
    PlanInstructionsBody,
    SystemPromptBody,
    UserPromptBody,
)
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    only_admin,
)
from coderchat_jupyter.server.storage.settings import get_setting, put_setting
from coderchat_jupyter.wire.settings import CustomPrompt, PlanModeInstructions

__all__ = [
    "clean_prompt",
    "plan_instructions",
    "set_plan_instructions",
    "set_system_prompt",
    "set_user_prompt",
    "system_prompt",
    "user_prompt",
]

_MAX_BYTES: Final = 131_072
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_LINE_ENDS: Final = re.compile(r"\r\n?")

# The marks that the reference takes out (written languages need the joiner 200C),
# and besides them the controls and the tags, which nobody sees either.
_HIDDEN: Final = re.compile(
    r"[\u00ad\u034f\u061c\u180e\u200b\u200d-\u200f\u202a-\u202e"
    r"\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\U000e0000-\U000e007f]"
)


def clean_prompt(text: str) -> str:
    """A text without what nobody sees: it could hide instructions.

    Line ends are made one kind, blank lines in a row become one, and white space
    around the text and at the ends of lines goes.
    """
    shown = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    trimmed = "\n".join(line.rstrip() for line in shown.split("\n"))
    return _BLANK_LINES.sub("\n\n", trimmed).strip()


@endpoint
async def system_prompt(call: Call) -> Response:
    """`GET /chats/config/system-prompt`."""
    if not call.user.is_admin:
        raise not_found()
    async with call.service.database.read() as connection:
        return answer(await preferences.system_prompt(connection))


@endpoint
async def set_system_prompt(call: Call) -> Response:
    """`PUT /chats/config/system-prompt`."""
    only_admin(call.user)
    body = await read_body(call.request, SystemPromptBody)
    value: dict[str, Any] = {
        "system_prompt": _fitting(body.system_prompt, "System prompt")
    }
    async with call.service.database.write() as connection:
        flag = body.include_default_system_prompt
        if flag is None:
            stored = await get_setting(connection, preferences.SYSTEM_PROMPT) or {}
            flag = stored.get("include_default_system_prompt")
        value["include_default_system_prompt"] = flag
        await put_setting(connection, preferences.SYSTEM_PROMPT, value)
    return no_content()


@endpoint
async def plan_instructions(call: Call) -> Response:
    """`GET /chats/config/plan-mode-instructions`."""
    if not call.user.is_admin:
        raise not_found()
    async with call.service.database.read() as connection:
        text = await preferences.plan_instructions(connection)
    return answer(PlanModeInstructions(plan_mode_instructions=text))


@endpoint
async def set_plan_instructions(call: Call) -> Response:
    """`PUT /chats/config/plan-mode-instructions`."""
    only_admin(call.user)
    body = await read_body(call.request, PlanInstructionsBody)
    text = _fitting(body.plan_mode_instructions, "Plan mode instructions")
    async with call.service.database.write() as connection:
        await put_setting(connection, preferences.PLAN_INSTRUCTIONS, text)
    return no_content()


@endpoint
async def user_prompt(call: Call) -> Response:
    """`GET /chats/config/user-prompt`."""
    async with call.service.database.read() as connection:
        text = await preferences.user_prompt(connection, call.user.id)
    return answer(CustomPrompt(custom_prompt=text))


@endpoint
async def set_user_prompt(call: Call) -> Response:
    """`PUT /chats/config/user-prompt`: answers with what was stored."""
    body = await read_body(call.request, UserPromptBody)
    text = _fitting(body.custom_prompt, "Custom prompt")
    async with call.service.database.write() as connection:
        await put_setting(connection, preferences.USER_PROMPT, text, call.user.id)
    return answer(CustomPrompt(custom_prompt=text))


def _fitting(text: str, label: str) -> str:
    cleaned = clean_prompt(text)
    size = len(cleaned.encode())
    if size > _MAX_BYTES:
        raise bad_request(
            f"{label} exceeds maximum length.",
            detail=f"Maximum length is {_MAX_BYTES} bytes, got {size}.",
        )
    return cleaned
