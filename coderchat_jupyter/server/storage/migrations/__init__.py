"""The steps from an empty file to the tables of today, oldest first.

Comes in: a connection, from `storage.migrate`. Goes out: changed tables.
May import: Alembic and SQLAlchemy only; a step never changes once released.
Tests: tests/server/storage/test_migrate.py.
"""

from __future__ import annotations
