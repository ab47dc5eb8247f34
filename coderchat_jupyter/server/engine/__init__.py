"""What a chat does: its states, its turns, its queue.

Comes in: what users ask for, decoded. Goes out: stored rows and published events.
May import: `wire`, `server.storage`, `server.streaming`, `server.providers`.
Tests: tests/server/engine.
"""

from __future__ import annotations
