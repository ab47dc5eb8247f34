"""The endpoints: one file a noun.

Comes in: a request, of a known user. Goes out: a wire value, or a `RequestError`.
May import: everything of `server`, and `wire`. Decides nothing the engine decides.
Tests: tests/server/routes.
"""

from __future__ import annotations
