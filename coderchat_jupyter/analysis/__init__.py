"""In: chats, read through a session's client. Out: data frames.

Needs pandas, imported on first use: the extra `data` of this package.
May import: `bridge`, `session`, `state`, `wire`, `errors`. Tests: tests/analysis.
"""

from __future__ import annotations

from coderchat_jupyter.analysis.frames import costs_frame

__all__ = ["costs_frame"]
