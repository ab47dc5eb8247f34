"""What servers on one database tell each other.

Comes in: what was committed, as JSON. Goes out: the same, on every other server.
May import: `storage`. Knows neither chats' rules nor sockets.
Tests: tests/server/pubsub.
"""

from __future__ import annotations
