"""The file a scripted provider plays, as types. Unknown keys are refused.

    {"scripts": {
      "default": [[{"text": "Hello."}]],
      "tool":    [[{"text": "Let me look. "}, {"tool": "lookup", "args": {"x": 1}}],
                  [{"text": "It is sunny."}]],
      "flaky":   [{"attempts": [[{"error": {"status": 503}}], [{"text": "Back."}]]}],
      "long":    [[{"text": "w{i} ", "repeat": 2000, "delay_ms": 2}]]
    }}

The last user text chooses a script by `#name`; without a known name it is
`default`. A script is a list of turns: the first answers the user, each next one
the results of the tools called before (the last turn repeats). A turn is a list of
actions, or `attempts`: such lists, one per retry (the last repeats).

The scripts `propose_title`, `propose_turn_status_label` and `summary` answer what the
server asks beside the turns: the first two by a call of that name, the last by text.
Where they are missing, the server does without.

An action is one of:

- `text`, `reasoning`: a piece of answer. `chunk` cuts it into deltas of so many
  characters, `repeat` says it several times (`{i}` in it is then the number from 0),
  `delay_ms` comes before every delta.
- `tool`: a call, with `args` (an object, or text, which need not be JSON) and `id`;
  `chunk` and `delay_ms` as above.
- `source`: a URL, with `title`.
- `wait_ms`: silence. `hang`: silence until cancelled.
- `usage`: the counts of the step, names as in the API. None is made up.
- `error`: `status`, `message`, `retry_after_ms`; ends the step.
- `drop`: the connection breaks. `finish`: the reason to end with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coderchat_jupyter.server.providers._protocol import FinishReason, ProviderError

__all__ = [
    "Action",
    "Call",
    "Drop",
    "Fail",
    "Failure",
    "Finish",
    "Hang",
    "Say",
    "Script",
    "Source",
    "Think",
    "Usage",
    "Wait",
    "load_script",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Paced(_Strict):
    chunk: Annotated[int, Field(ge=1)] | None = None
    delay_ms: Annotated[float, Field(ge=0)] = 0


class Say(_Paced):
    """Text of the answer."""

    text: str
    repeat: Annotated[int, Field(ge=1)] = 1


class Think(_Paced):
    """Reasoning."""

    reasoning: str
    repeat: Annotated[int, Field(ge=1)] = 1


class Call(_Paced):
    """A tool call."""

    tool: str
    args: dict[str, Any] | str = {}
    id: str | None = None


class Source(_Strict):
    """A citation."""

    source: str
    title: str = ""


class Wait(_Strict):
    """Silence for a time."""

    wait_ms: Annotated[float, Field(ge=0)]


class Hang(_Strict):
    """Silence for ever."""

    hang: bool


class Counts(_Strict):
    """Token counts."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    reasoning_tokens: int | None = None
    cache_creation_tokens: int | None = None
    cache_read_tokens: int | None = None


class Usage(_Strict):
    """What the step counts."""

    usage: Counts


class Failure(_Strict):
    """An error answer."""

    status: Annotated[int, Field(ge=400, le=599)]
    message: str = ""
    retry_after_ms: int | None = None


class Fail(_Strict):
    """The vendor answers with an error."""

    error: Failure


class Drop(_Strict):
    """The connection breaks."""

    drop: bool


class Finish(_Strict):
    """The reason to end with."""

    finish: FinishReason


Action = Say | Think | Call | Source | Wait | Hang | Usage | Fail | Drop | Finish


class Attempts(_Strict):
    """What each attempt of one step plays."""

    attempts: Annotated[tuple[tuple[Action, ...], ...], Field(min_length=1)]


Turn = tuple[Action, ...] | Attempts


class Script(_Strict):
    """A whole file."""

    scripts: dict[str, Annotated[tuple[Turn, ...], Field(min_length=1)]]

    def actions(self, name: str, turn: int, attempt: int) -> tuple[Action, ...]:
        """What to play; past the end, the last entry repeats."""
        chosen = self._turn(name, turn)
        if isinstance(chosen, Attempts):
            return chosen.attempts[min(attempt, len(chosen.attempts) - 1)]
        return chosen

    def has_attempts(self, name: str, turn: int) -> bool:
        """Whether a retry plays something else."""
        return isinstance(self._turn(name, turn), Attempts)

    def _turn(self, name: str, turn: int) -> Turn:
        turns = self.scripts.get(name) or self.scripts.get("default") or ((),)
        return turns[min(turn, len(turns) - 1)]


def load_script(url: str) -> Script:
    """Read the file that a `file:` URL names.

    Raises:
        ProviderError: It cannot be read, or is not a script.
    """
    parts = urlsplit(url)
    if parts.scheme != "file":
        message = "The address of a scripted provider must be a file: URL."
        raise ProviderError(message, kind_hint="config")
    path = Path(url2pathname(parts.path))
    try:
        return Script.model_validate_json(path.read_bytes())
    except OSError as error:
        message = f"The script {path.name} cannot be read: {error.strerror}."
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        message = f"The script {path.name} is not valid at {where}: {first['msg']}."
    raise ProviderError(message, kind_hint="config")
