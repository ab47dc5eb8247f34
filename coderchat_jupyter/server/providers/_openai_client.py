"""OpenAI's client, made to read the usual piece of an answer quickly.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import Choice, ChoiceDelta

__all__ = ["QuickOpenAI", "quick_chunk"]

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


class QuickOpenAI(AsyncOpenAI):
    """The SDK's client; it makes the objects of most pieces from a pattern.

    The SDK walks through the types of every field of every piece, which takes longer
    than all else that is done with a token.
    """

    def _process_response_data(
        self, *, data: object, cast_to: type[T], response: Any
    ) -> T:
        if cast_to is ChatCompletionChunk:
            chunk: Any = quick_chunk(data)
            if chunk is not None:
                made: T = chunk
                return made
        return super()._process_response_data(
            data=data, cast_to=cast_to, response=response
        )


def quick_chunk(data: Any) -> ChatCompletionChunk | None:
    """The object of a piece that says some text and nothing else; None for others."""
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
    plain = (
        isinstance(delta.get("content"), str)
        and choice.get("index") == 0
        and choice.get("finish_reason") is None
        and choice.get("logprobs") is None
        and delta.get("refusal") is None
        and data.get("usage") is None
        and isinstance(data.get("created", 0), int)
        and all(isinstance(data.get(name, ""), str) for name in ("id", "model"))
        and all(
            data.get(name) is None or isinstance(data[name], str)
            for name in ("service_tier", "system_fingerprint")
        )
    )
    if not plain:
        return None
    made = _PATTERN_CHOICE.model_copy(
        update=choice | {"delta": _PATTERN_DELTA.model_copy(update=delta)}
    )
    return _PATTERN.model_copy(update=data | {"choices": [made]})
