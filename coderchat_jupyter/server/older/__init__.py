"""The older seed's API, before v2.32, as an adapter over the same engine.

Comes in: calls as the first Go client makes them. Goes out: the bodies it reads.
May import: everything of `server`, and `wire`. Decides nothing the engine decides.
Tests: tests/server/older.
"""

from __future__ import annotations
