"""The state of a chat as what a page shows of it.

A function with a memory: rows of messages that did not change are the very same
objects in the next view, so that comparing two views costs little.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Final

from coderchat_jupyter.bridge.blocks import preview_blocks, prompt_text, settle
from coderchat_jupyter.bridge.problems import problem_view, retry_view
from coderchat_jupyter.bridge.rows import (
    Configs,
    Turn,
    answer_row,
    prompt_row,
    turns,
)
from coderchat_jupyter.bridge.view import (
    ChatView,
    Context,
    Cost,
    LinkView,
    ModelChoice,
    Phase,
    QueuedPrompt,
    Row,
    TextBlock,
)
from coderchat_jupyter.state.chat_state import EMPTY, ChatState, Link
from coderchat_jupyter.state.pricing import model_name
from coderchat_jupyter.state.select import is_busy, needs_notice
from coderchat_jupyter.state.text import TextBuffer
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.models import ModelConfig
from coderchat_jupyter.wire.parts import FilePart

__all__ = ["Projector", "Scene"]

_LIVE: Final = Link(phase="live")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that a view is made of.

    Attributes:
        state: The chat.
        link: How the connection does.
        models: What can be asked, for the picker and the prices.
        mode: `turn` shows one turn without a prompt box.
        turn: Id of the user message whose turn is shown in `turn` mode; None while
            it is not known yet.
        prompt: What was asked, shown until its message is there.
        notice: What happens before there is a chat, for the status line.
        failure: Why there will be none.
        is_stopping: Someone asked for a stop that has not taken effect yet.
    """

    state: ChatState = EMPTY
    link: Link = _LIVE
    models: tuple[ModelConfig, ...] = ()
    mode: str = "chat"
    turn: int | None = None
    prompt: str = ""
    notice: str = ""
    failure: str = ""
    is_stopping: bool = False


class Projector:
    """Makes views of one chat, one after the other."""

    def __init__(self) -> None:
        self._turns: tuple[object, list[Turn]] = ((), [])
        self._prompts: dict[int, tuple[Message, Row]] = {}
        self._answers: dict[int, _Answer] = {}
        self._choices: tuple[object, tuple[ModelChoice, ...]] = ((), ())

    def __call__(self, scene: Scene) -> ChatView:
        """The view of a scene."""
        state = scene.state
        configs = {model.id: model for model in scene.models}
        grouped = self._grouped(state)
        newest = grouped[-1].key if grouped else 0
        if scene.mode == "turn":
            grouped = [turn for turn in grouped if turn.key == scene.turn]
        is_current = scene.mode == "chat" or scene.turn == newest
        rows = self._rows(scene, grouped, newest, configs)
        phase = _phase(scene, rows) if is_current or not grouped else "ready"
        return ChatView(
            mode="turn" if scene.mode == "turn" else "chat",
            title=state.chat.title if state.chat is not None else "",
            status=(state.status or "") if is_current else "waiting",
            phase=phase,
            since=_since(grouped) if phase not in ("ready", "error") else None,
            notice=scene.notice,
            rows=rows,
            has_older=state.has_older and scene.mode == "chat",
            queue=() if scene.mode == "turn" else _queue(state),
            retry=retry_view(state.retry) if is_current and state.retry else None,
            problem=problem_view(scene.failure, state.error if is_current else None),
            link=_link(state, scene.link),
            models=() if scene.mode == "turn" else self._models(scene.models),
            model_id=_model_id(state, scene.models),
            context=_context(state, configs),
            cost=_cost(rows) if scene.mode == "chat" else None,
            read_only=_read_only(state),
        )

    def _rows(
        self, scene: Scene, grouped: list[Turn], newest: int, configs: Configs
    ) -> tuple[Row, ...]:
        state = scene.state
        rows: list[Row] = []
        for turn in grouped:
            is_newest = turn.key == newest
            is_over = not is_newest or not is_busy(state)
            if turn.prompt is not None:
                rows.append(self._prompt(turn.prompt))
            row = self._answer(turn, configs, scene.models, is_over=is_over)
            if is_newest and state.preview.blocks:
                blocks = (*row.blocks, *preview_blocks(state.preview))
                if is_over or state.preview.is_over:
                    blocks = settle(blocks, "stopped")
                row = row.model_copy(update={"blocks": blocks})
            if row.blocks or not is_over:
                rows.append(row)
        if not grouped and scene.prompt:
            text = TextBlock(text=TextBuffer(scene.prompt))
            rows.append(Row(key="u", role="user", blocks=(text,)))
        return tuple(rows)

    def _grouped(self, state: ChatState) -> list[Turn]:
        if self._turns[0] is not state.messages:
            self._turns = (state.messages, list(turns(state.messages)))
        return self._turns[1]

    def _prompt(self, message: Message) -> Row:
        known = self._prompts.get(message.id)
        if known is None or known[0] is not message:
            known = self._prompts[message.id] = (message, prompt_row(message))
        return known[1]

    def _answer(
        self,
        turn: Turn,
        configs: Configs,
        models: tuple[ModelConfig, ...],
        *,
        is_over: bool,
    ) -> Row:
        known = self._answers.get(turn.key)
        if known is None or not known.is_of(turn, models, is_over=is_over):
            row = answer_row(turn, configs, is_over=is_over)
            known = self._answers[turn.key] = _Answer(turn, models, is_over, row)
        return known.row

    def _models(self, models: tuple[ModelConfig, ...]) -> tuple[ModelChoice, ...]:
        if self._choices[0] is not models:
            enabled = [model for model in models if model.enabled]
            enabled.sort(key=lambda m: (m.provider, m.display_name or m.model))
            self._choices = (models, tuple(_choice(model) for model in enabled))
        return self._choices[1]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A row, and what it was made of."""

    turn: Turn
    models: tuple[ModelConfig, ...]
    is_over: bool
    row: Row

    def is_of(
        self, turn: Turn, models: tuple[ModelConfig, ...], *, is_over: bool
    ) -> bool:
        return (
            self.is_over == is_over
            and self.models is models
            and self.turn.prompt is turn.prompt
            and len(self.turn.answers) == len(turn.answers)
            and all(map(operator.is_, self.turn.answers, turn.answers))
        )


def _phase(scene: Scene, rows: tuple[Row, ...]) -> Phase:
    state = scene.state
    if scene.failure:
        return "error"
    if state.chat_id is None:
        return "opening" if scene.notice else "ready"
    if state.status == "requires_action":
        return "needs_you"
    if is_busy(state):
        if scene.is_stopping or state.status == "interrupting":
            return "stopping"
        has_begun = bool(rows) and rows[-1].role == "assistant" and rows[-1].blocks
        return "answering" if has_begun else "starting"
    return "error" if state.status == "error" else "ready"


def _since(grouped: list[Turn]) -> float | None:
    prompt = grouped[-1].prompt if grouped else None
    return prompt.created_at.timestamp() if prompt is not None else None


def _queue(state: ChatState) -> tuple[QueuedPrompt, ...]:
    return tuple(
        QueuedPrompt(
            id=message.id,
            text=prompt_text(message.content),
            files=sum(isinstance(part, FilePart) for part in message.content),
        )
        for message in state.queue
    )


def _link(state: ChatState, link: Link) -> LinkView:
    if link.phase == "reconnecting" and not needs_notice(state, link):
        link = _LIVE
    retry_at = link.retry_at.timestamp() if link.retry_at is not None else None
    return LinkView(
        phase=link.phase, attempt=link.attempt, retry_at=retry_at, error=link.error
    )


def _choice(model: ModelConfig) -> ModelChoice:
    cost = model.call_config.cost if model.call_config is not None else None
    prices = [
        None if price is None else f"{price.normalize():f}"
        for price in (
            (cost.input_price_per_million_tokens, cost.output_price_per_million_tokens)
            if cost is not None
            else (None, None)
        )
    ]
    return ModelChoice(
        id=model.id,
        name=model_name(model),
        provider=model.provider,
        context_limit=model.context_limit,
        input_price=prices[0],
        output_price=prices[1],
    )


def _model_id(state: ChatState, models: tuple[ModelConfig, ...]) -> str:
    """What the chat used last, else what a new chat would use."""
    if state.chat is not None and state.chat.last_model_config_id:
        return state.chat.last_model_config_id
    return next((m.id for m in models if m.is_default and m.enabled), "")


def _context(state: ChatState, configs: Configs) -> Context | None:
    """What the newest counted message says was in the model's context."""
    message = next((m for m in reversed(state.messages) if m.usage), None)
    if message is None or message.usage is None:
        return None
    usage, model_id = message.usage, message.model_config_id
    config = configs.get(model_id) if model_id is not None else None
    limit = usage.context_limit or (config.context_limit if config else 0)
    used = (
        (usage.input_tokens or 0)
        + (usage.output_tokens or 0)
        + (usage.cache_read_tokens or 0)
        + (usage.cache_creation_tokens or 0)
    )
    if not limit or not used:
        return None
    threshold = config.compression_threshold if config is not None else 100
    return Context(
        used=used,
        limit=limit,
        compacts_at=threshold / 100 if 0 < threshold < 100 else None,
    )


def _cost(rows: tuple[Row, ...]) -> Cost | None:
    """The sum over answers; None when no answer has a price."""
    footers = [row.footer for row in rows if row.footer is not None]
    priced = [f.cost_micros for f in footers if f.cost_micros is not None]
    if not priced:
        return None
    return Cost(
        micros=sum(priced), unpriced=sum(not footer.is_priced for footer in footers)
    )


def _read_only(state: ChatState) -> str:
    if state.chat is not None and state.chat.archived:
        return "This chat is archived. It can be read, and not gone on with."
    return ""
