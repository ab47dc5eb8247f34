"""What the model of the browser tests says."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["SCRIPTS"]

_USAGE: Final = {"usage": {"input_tokens": 1200, "output_tokens": 340}}

_LESSON: Final = """\
## Context managers

A context manager runs code **before** and **after** a block, even if it fails:

```python
with open("notes.txt") as file:
    text = file.read()
```

1. `__enter__` opens what the block needs.
2. `__exit__` closes it, whatever happened.

| when | what runs |
|---|---|
| the block ends | `__exit__(None, None, None)` |
| it raises | `__exit__(type, value, traceback)` |

"""

SCRIPTS: Final[dict[str, Any]] = {
    "default": [[{"text": _LESSON, "chunk": 8, "delay_ms": 5}, _USAGE]],
    # Long enough that no test is faster than it, whatever the machine.
    "slow": [
        [
            {"text": _LESSON},
            {"text": "Block {i} is over. ", "repeat": 4000, "delay_ms": 50},
        ]
    ],
    # A few seconds: growth can be seen, and so can the end.
    "steady": [
        [
            {"text": "# Steady\n\n"},
            {"text": "Sentence {i} of the answer. ", "repeat": 40, "delay_ms": 40},
            {"text": "\n\n```python\ndef greet(name):\n    return name\n```\n"},
            _USAGE,
        ]
    ],
}
"""Chosen by `#name` in a prompt."""
