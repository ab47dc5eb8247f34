"""OpenAI's client, made to read the usual piece of an answer quickly.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from openai import AsyncOpenAI
from openai._streaming import SSEDecoder
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import Choice, ChoiceDelta

from coderchat_jupyter.server.providers._openai_events import QuickDecoder

__all__ = ["PlainPiece", "QuickOpenAI", "plain_text", "quick_chunk"]

T = TypeVar("T")

_CHUNK: Final = frozenset(
    {
        "id",
        "object",
        "created",
        "model",
        "choices",
        "usage",
        "service_tier",
        "system_fingerprint",
    }
)
_CHOICE: Final = frozenset({"index", "delta", "finish_reason", "logprobs"})
_DELTA: Final = frozenset({"role", "content", "refusal"})

_PATTERN: Final = ChatCompletionChunk.construct(
    id="", object="chat.completion.chunk", created=0, model="", choices=[]
)
_PATTERN_CHOICE: Final = Choice.construct(index=0, delta=None, finish_reason=None)
_PATTERN_DELTA: Final = ChoiceDelta.construct(content="")


class PlainPiece:
    """A piece of an answer that says some text and nothing else.

    Attributes:
        text: What it says.
    """

    __slots__ = ("_data", "text")

    def __init__(self, data: dict[str, Any], text: str) -> None:
        self._data = data
        self.text = text

    @property
    def model(self) -> str:
        """The model that says it, as the vendor names it."""
        return str(self._data.get("model", ""))

    def chunk(self, text: str) -> ChatCompletionChunk:
        """The object that the SDK would make of it, if it said this."""
        (choice,) = self._data["choices"]
        delta = _PATTERN_DELTA.model_copy(update=choice["delta"] | {"content": text})
        made = _PATTERN_CHOICE.model_copy(update=choice | {"delta": delta})
        return _PATTERN.model_copy(update=self._data | {"choices": [made]})


class QuickOpenAI(AsyncOpenAI):
    """The SDK's client; it makes no objects of the usual piece.

    The SDK walks through the types of every field of every piece, which takes longer
    than all else that is done with a token. See `Pieces` for who reads these.
    """

    def _make_sse_decoder(self) -> SSEDecoder:
        return QuickDecoder()

    def _process_response_data(
        self, *, data: object, cast_to: type[T], response: Any
    ) -> T:
        if cast_to is ChatCompletionChunk:
            text = plain_text(data)
            if text is not None:
                piece: Any = PlainPiece(data, text)  # type: ignore[arg-type]
                made: T = piece
                return made
        return super()._process_response_data(
            data=data, cast_to=cast_to, response=response
        )


def quick_chunk(data: Any) -> ChatCompletionChunk | None:
    """The object of a piece that says some text and nothing else; None for others."""
    text = plain_text(data)
    return None if text is None else PlainPiece(data, text).chunk(text)


def plain_text(data: Any) -> str | None:
    """The text of a piece that says some and nothing else; None for others."""
    if not (isinstance(data, dict) and data.keys() <= _CHUNK):
        return None
    choices = data.get("choices")
    if not (isinstance(choices, list) and len(choices) == 1):
        return None
    (choice,) = choices
    if not (isinstance(choice, dict) and choice.keys() <= _CHOICE):
        return None
    delta = choice.get("delta")
    if not (isinstance(delta, dict) and delta.keys() <= _DELTA):
        return None
    text = delta.get("content")
    is_plain = (
        isinstance(text, str)
        and choice.get("index") == 0
        and choice.get("finish_reason") is None
        and choice.get("logprobs") is None
        and delta.get("refusal") is None
        and data.get("usage") is None
        and isinstance(data.get("created", 0), int)
        and isinstance(data.get("id", ""), str)
        and isinstance(data.get("model", ""), str)
        and isinstance(data.get("service_tier", ""), str | None)
        and isinstance(data.get("system_fingerprint", ""), str | None)
    )
    return text if is_plain else None
