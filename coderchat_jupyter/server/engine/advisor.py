"""The tool by which a model asks another model for advice, amid a turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.engine.attempts import answered
from coderchat_jupyter.server.engine.classify import Classified
from coderchat_jupyter.server.engine.models import ChosenModel, Models, TurnError
from coderchat_jupyter.server.engine.preferences import is_usable
from coderchat_jupyter.server.engine.retry import delay_ms
from coderchat_jupyter.server.engine.schemas import STRING, structured, type_fault
from coderchat_jupyter.server.engine.silence import Silence, heard
from coderchat_jupyter.server.engine.tools import (
    Outcome,
    ServerTool,
    ToolContext,
    failed,
)
from coderchat_jupyter.server.providers._protocol import (
    FileContent,
    ModelCall,
    ModelMessage,
    TextContent,
    TextDelta,
    ToolCallContent,
    ToolResultContent,
    ToolSpec,
)
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.server.storage.settings import get_setting
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.ids import ZERO_UUID, ModelConfigId
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.parts import ToolResultPart
from coderchat_jupyter.wire.settings import AdvisorConfig

__all__ = ["ADVISOR", "GUIDANCE", "Advisor", "advisor_settings", "asked_of_advisor"]

ADVISOR: Final = "advisor"

GUIDANCE: Final = (
    "You can ask the tool advisor where you doubt how to go on: a plan with open "
    "questions, a choice between designs, a fault that will not show its cause. It is "
    "another model that sees the latest part of this conversation and has no tools. "
    "Ask it one short question, and call no other tool in the same step."
)

_INSTRUCTIONS: Final = (
    "You advise another model that works for a user. Speak to that model, not to the "
    "user, whatever else you were told above. It asks you the last question below. Say "
    "in few words how to go on and what to mind. You have no tools and get no further "
    "turn, so do not offer to look anything up."
)

_MAX_QUESTION: Final = 2000
_MAX_TOKENS: Final = 16_384
_MAX_MESSAGES: Final = 20
_MAX_BYTES: Final = 12_000
_UNLIMITED: Final = 1200
"""No turn has more steps."""


async def advisor_settings(
    connection: AsyncConnection, chat: ChatRow
) -> AdvisorConfig | None:
    """How a chat's models are advised; None if they are not."""
    if chat.parent_chat_id is not None or chat.plan_mode:
        return None
    stored = AdvisorConfig.model_validate(await get_setting(connection, ADVISOR) or {})
    return stored if stored.enabled else None


def asked_of_advisor(call: ModelCall, question: str) -> tuple[ModelMessage, ...]:
    """The latest part of what a model was asked, and the question after it.

    It has no gap, and no result without its call.
    """
    kept: list[ModelMessage] = []
    left = _MAX_BYTES
    for message in reversed(call.messages[-_MAX_MESSAGES:]):
        left -= _size(message)
        if left < 0:
            break
        kept.append(message)
    kept.reverse()
    asked = ModelMessage("user", (TextContent(question),))
    return (*_without_orphans(kept), asked)


class Advisor(ServerTool):
    """Asks for advice, so often in a turn and no oftener. Its cost is not charged."""

    spec = ToolSpec(
        ADVISOR,
        "Ask another model how to go on: about plans, designs, trade-offs, faults that "
        "are hard to find. It sees the latest part of the conversation and answers to "
        "you, not to the user. Call it alone. A question has at most 2000 characters.",
        structured("question", question=STRING),
    )

    def __init__(
        self,
        settings: AdvisorConfig,
        chat: ChatRow,
        model: ChosenModel,
        models: Models,
        database: Database,
        silence: Silence,
    ) -> None:
        """Advise a turn.

        Args:
            settings: The limits, and who advises.
            chat: Whose turn it is.
            model: Advises if nobody else is set to, or can.
            models: Where another one is found.
            database: Where it is told whether that one can be used.
            silence: How long an adviser may say nothing.
        """
        self._settings = settings
        self._chat = chat
        self._model = model
        self._models = models
        self._database = database
        self._silence = silence
        self._left = settings.max_uses_per_run or _UNLIMITED

    async def run(self, args: Any, context: ToolContext) -> Outcome:
        """Ask; see `ServerTool.run`."""
        if fault := type_fault(args, self.spec.parameters):
            return failed(f"invalid parameters: {fault}")
        question = ((args or {}).get("question") or "").strip()
        if not question or context.asked is None:
            return failed("question is required")
        if not self._left:
            return self._result("limit_reached")
        self._left -= 1
        async with self._adviser() as adviser:
            call = self._call(adviser, context.asked, question[:_MAX_QUESTION])
            asking = _Asking(adviser, call, self._silence, context)
            named = f"{adviser.config.provider}/{adviser.config.model}"
            try:
                advice = await asking.advice()
            except TurnError as failure:
                self._left += 1
                return self._result("error", error=failure.error.message)
        if not advice:
            self._left += 1
            return self._result("error", error="the advisor said nothing")
        return self._result("advice", advice=advice, advisor_model=named)

    def _result(self, kind: str, **more: str) -> Outcome:
        result = {"type": kind, **more, "remaining_uses": self._left}
        return Outcome(result, text=dumps(result).decode().rstrip("\n"))

    def _call(self, adviser: ChosenModel, asked: ModelCall, question: str) -> ModelCall:
        cap = self._settings.max_output_tokens or _MAX_TOKENS
        settings = adviser.config.call_config or CallConfig()
        told = (text for text in asked.system if text != GUIDANCE)
        return ModelCall(
            model=adviser.config.model,
            messages=asked_of_advisor(asked, question),
            settings=settings.model_copy(update={"max_output_tokens": cap}),
            system=(*told, _INSTRUCTIONS),
            vendor_tools=False,
        )

    @asynccontextmanager
    async def _adviser(self) -> AsyncIterator[ChosenModel]:
        """The model that is set, as long as it can be used; else the chat's own."""
        wanted = self._settings.model_config_id
        adviser = self._model
        async with AsyncExitStack() as stack:
            if wanted and wanted != ZERO_UUID and await self._is_usable(wanted):
                using = self._models.use(ModelConfigId(wanted), self._chat.owner_id)
                with suppress(TurnError):
                    adviser = await stack.enter_async_context(using)
            yield adviser

    async def _is_usable(self, config_id: str) -> bool:
        async with self._database.read() as connection:
            return await is_usable(connection, config_id)


@dataclass
class _Asking:
    """One question to the adviser, asked again if the vendor fails."""

    adviser: ChosenModel
    call: ModelCall
    silence: Silence
    context: ToolContext

    async def advice(self) -> str:
        """What it said.

        Raises:
            TurnError: It did not, and will not.
        """
        vendor = self.adviser.config.provider
        said = await answered(self._once, self._wait, provider_type=vendor)
        return said.strip()

    async def _wait(self, failure: Classified, attempt: int) -> None:
        self._show(result_reset=True)
        await asyncio.sleep(delay_ms(attempt, failure.retry_after_ms) / 1000)

    async def _once(self) -> str:
        texts: list[str] = []
        stream = heard(self.adviser.provider.stream(self.call), self.silence)
        async with aclosing(stream):
            async for item in stream:
                if isinstance(item, TextDelta):
                    texts.append(item.text)
                    self._show(result_delta=item.text)
        return "".join(texts)

    def _show(self, **more: Any) -> None:
        part = ToolResultPart(
            tool_call_id=self.context.call_id, tool_name=ADVISOR, **more
        )
        self.context.show(part)


def _size(message: ModelMessage) -> int:
    """About how many bytes a message is as JSON."""
    size = 0
    for part in message.parts:
        match part:
            case FileContent(data=data):
                size += len(data)
            case ToolCallContent(args=text):
                size += len(text.encode())
            case _:
                size += len(part.text.encode())
    return size


def _without_orphans(messages: Iterable[ModelMessage]) -> list[ModelMessage]:
    """The messages without the results of calls that are not among them."""
    known: set[str] = set()
    kept: list[ModelMessage] = []
    for message in messages:
        known |= {p.call_id for p in message.parts if isinstance(p, ToolCallContent)}
        parts = tuple(
            part
            for part in message.parts
            if not isinstance(part, ToolResultContent) or part.call_id in known
        )
        if parts:
            kept.append(replace(message, parts=parts))
    return kept
