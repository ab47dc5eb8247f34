"""In: what a `Client` reads and a stream delivers. Out: one chat, kept live.

Owns the background event loop and the sockets of open chats.
May import: `client`, `state`, `wire`, `config`, `errors`. Tests: tests/session.
"""

from __future__ import annotations

from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.session._connect import connect, default_client, use_client
from coderchat_jupyter.session._follow import Pace
from coderchat_jupyter.session._known import (
    Unsubscribe,
    known_chat_ids,
    known_sessions,
    on_session,
)
from coderchat_jupyter.session._loop import (
    BackgroundLoop,
    background,
    shutdown_background,
)
from coderchat_jupyter.session._pieces import Piece
from coderchat_jupyter.session._recorder import Recording
from coderchat_jupyter.session._replay import Record, Replay
from coderchat_jupyter.session._session import ChatSession
from coderchat_jupyter.session.tools import Tool, ToolRequest, tool

__all__ = [
    "BackgroundLoop",
    "Backoff",
    "ChatSession",
    "Pace",
    "Piece",
    "Record",
    "Recording",
    "Replay",
    "Tool",
    "ToolRequest",
    "Unsubscribe",
    "background",
    "connect",
    "default_client",
    "known_chat_ids",
    "known_sessions",
    "on_session",
    "shutdown_background",
    "tool",
    "use_client",
]
