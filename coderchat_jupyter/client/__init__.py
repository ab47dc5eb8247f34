"""In: calls. Out: HTTP requests and WebSocket connections, and typed answers.

The only code that opens connections outward; every failure is of `errors`.
May import: `wire`, `errors`. Tests: tests/client.
"""

from __future__ import annotations

from coderchat_jupyter.client._client import Client

__all__ = ["Client"]
