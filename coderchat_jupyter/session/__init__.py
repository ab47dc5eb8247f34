"""In: what a `Client` reads and a stream delivers. Out: one chat, kept live.

Owns the background event loop and the sockets of open chats.
May import: `client`, `state`, `wire`, `config`, `errors`. Tests: tests/session.
"""

from __future__ import annotations

from coderchat_jupyter.session._loop import BackgroundLoop, background
from coderchat_jupyter.session._session import ChatSession, Unsubscribe

__all__ = ["BackgroundLoop", "ChatSession", "Unsubscribe", "background"]
