"""In: typed functions and the calls of a chat. Out: one answer to each call, posted.

`_tool` makes a tool of a function, `_signature` reads what it takes (`_callables`: of
any callable; `_docstrings`), `_consent` asks whether a call may run, `_call` runs one,
`_values` and `_fit` turn what it gave into JSON of a size that may be sent, `_runner`
answers a chat, `_watch` hears of calls that its stream did not tell.
May import: as `session`.
Tests: tests/session/tools.
"""

from __future__ import annotations

from coderchat_jupyter.session.tools._consent import (
    Approval,
    Approve,
    ToolRequest,
)
from coderchat_jupyter.session.tools._desks import Desk, attach
from coderchat_jupyter.session.tools._tool import Tool, ToolLike, as_tools, tool

__all__ = [
    "Approval",
    "Approve",
    "Desk",
    "Tool",
    "ToolLike",
    "ToolRequest",
    "as_tools",
    "attach",
    "tool",
]
