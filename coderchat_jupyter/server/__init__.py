"""The chat server: the API of Coder v2.34, on SQLite, with real models behind it.

Comes in: HTTP and WebSocket requests. Goes out: chats, streamed and stored.
May import: `wire`, `errors`; never client, session or state.
Tests: tests/server, tests/conform.
"""

from __future__ import annotations
