"""What a model is asked beside the turns: one short value, by a forced call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final

from coderchat_jupyter.server.engine.arguments import read_arguments
from coderchat_jupyter.server.engine.debug import Recorder
from coderchat_jupyter.server.engine.models import ChosenModel, Models, TurnError
from coderchat_jupyter.server.engine.moves import Moves
from coderchat_jupyter.server.engine.preferences import chosen_model
from coderchat_jupyter.server.providers._protocol import (
    ModelCall,
    ModelMessage,
    ProviderError,
    Reply,
    StepUsage,
    TextContent,
    ToolSpec,
)
from coderchat_jupyter.server.storage import model_configs
from coderchat_jupyter.server.storage.rows import ChatRow, ModelConfigRow
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.models import CallConfig

__all__ = ["Aside", "Asides", "NoAnswerError", "Question", "is_slow"]

_log = logging.getLogger(__name__)

_SECONDS: Final = 30.0

_CHEAP: Final = (
    "claude-haiku",
    "claude-3-5-haiku",
    "claude-3.5-haiku",
    "gpt-4o-mini",
    "gpt-4.1-nano",
    "gemini-2.5-flash",
)
"""Parts of the names of models that are quick and cheap, the best first."""


class NoAnswerError(Exception):
    """No model gave the value; `reason` is a sentence without anything secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: one text, the only argument of the only tool."""

    tool: str
    field: str
    description: str
    instructions: str
    max_output_tokens: int
    max_characters: int
    kind: str = "quickgen"
    """Of the debug run."""
    context: str = ""
    """The work for which the deployment may have chosen a model, if it may."""

    @property
    def spec(self) -> ToolSpec:
        """The tool by whose call the model answers."""
        return ToolSpec(
            self.tool,
            self.description,
            {
                "type": "object",
                "properties": {self.field: {"type": "string"}},
                "required": [self.field],
            },
        )


@dataclass(frozen=True, slots=True)
class Aside:
    """The value, cleaned and cut, and what it took."""

    value: str
    config: ModelConfigRow
    usage: StepUsage | None


def is_slow(config: ModelConfigRow) -> bool:
    """Whether a model is too small and too slow to be asked unbidden.

    The demo model reads and writes on the processor that answers the user.
    """
    return config.provider == "local"


class Asides:
    """Asks beside the turns, and ends what is still asked when the server stops.

    Attributes:
        moves: Where chats change.
        models: Who is asked.
        debug: Writes down what is asked, for chats whose owners want that.
    """

    def __init__(self, moves: Moves, models: Models, debug: Recorder) -> None:
        self.moves = moves
        self.models = models
        self.debug = debug
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Do something beside the turns. That it fails matters to nobody."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def stop(self) -> None:
        """End everything that was started."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, question: Question, text: str, chat: ChatRow) -> Aside:
        """Ask a cheap model of the chat's provider, or else the chat's own.

        Args:
            question: What is asked.
            text: What it is asked about.
            chat: Beside whose turns.

        Raises:
            NoAnswerError: No model gave a usable answer within half a minute.
        """
        reason = "no model could be asked"
        try:
            async with asyncio.timeout(_SECONDS):
                for candidate in await self._candidates(question, chat):
                    try:
                        async with (
                            self.models.use(candidate, chat.owner_id) as chosen,
                            self.debug.run(chat, question.kind, chosen) as model,
                        ):
                            reply = await model.provider.ask(
                                _call(model, question, text)
                            )
                    except (ProviderError, TurnError) as error:
                        reason = str(error)
                        continue
                    if value := _value(question, reply):
                        return Aside(value, model.config, reply.usage)
                    reason = "the model gave no usable answer"
        except TimeoutError:
            reason = "the model took too long"
        raise NoAnswerError(reason)

    async def _candidates(
        self, question: Question, chat: ChatRow
    ) -> list[ModelConfigId]:
        """The model that an administrator chose, else a cheap one.

        Unbidden never another provider's: what is said in a chat is said to one
        vendor.
        """
        config_id = chat.last_model_config_id
        async with self.moves.database.read() as connection:
            if question.context:
                override = await chosen_model(connection, question.context)
                if override is not None:
                    return [override, config_id]
            chosen = await model_configs.get_model_config(connection, config_id)
            known = await model_configs.list_model_configs(connection)
        if chosen is None:
            return [config_id]
        cheap = [
            config.id
            for name in _CHEAP
            for config in known
            if name in config.model
            and config.enabled
            and config.ai_provider_id == chosen.ai_provider_id
        ]
        return list(dict.fromkeys([*cheap[:1], config_id]))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s ended by %s", task.get_name(), type(error).__name__)


def _call(model: ChosenModel, question: Question, text: str) -> ModelCall:
    config = model.config
    settings = CallConfig(max_output_tokens=question.max_output_tokens)
    if config.provider not in ("anthropic", "bedrock"):
        # Thinking, its only option of weight, cannot go with a call that is forced.
        options = config.call_config.provider_options
        settings = settings.model_copy(update={"provider_options": options})
    call = ModelCall(
        model=config.model,
        messages=(ModelMessage("user", (TextContent(text),)),),
        tools=(question.spec,),
        settings=settings,
        system=(question.instructions,),
        must_call=True,
    )
    if is_slow(config):
        # It calls no tools and reads no instructions but those it was made with.
        asked = f"{question.instructions}\n\n{text}"
        call = replace(
            call, messages=(ModelMessage("user", (TextContent(asked),)),), tools=()
        )
    return call


def _value(question: Question, reply: Reply) -> str:
    """The value on one line, without quotes around it; empty if there is none."""
    given: object = reply.text
    for call in reply.calls:
        try:
            args = read_arguments(call.args)
        except ValueError:
            continue
        if isinstance(args, dict) and isinstance(args.get(question.field), str):
            given = args[question.field]
            break
    line = " ".join(str(given).split()).strip("\"'`“”").strip()
    return line[: question.max_characters].rstrip()
