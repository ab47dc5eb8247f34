"""What the server remembers, in SQLite or Postgres.

Comes in: plain values, on a connection the caller opened. Goes out: frozen rows.
May import: `wire`, SQLAlchemy, Alembic, cryptography. Never routes or the engine.
Tests: tests/server/storage.
"""

from __future__ import annotations
