"""Who listens to a chat, and what they are told.

Comes in: events, as the engine commits them. Goes out: frames for each socket.
May import: `wire`. Knows neither storage nor HTTP.
Tests: tests/server/streaming.
"""

from __future__ import annotations
