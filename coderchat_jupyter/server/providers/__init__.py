"""In: a `ModelCall`. Out: a stream of items, or one `ProviderError`.

May import: `wire`, `errors`, `config`; vendors' libraries only on first use.
Tests: tests/server/providers.
"""

from __future__ import annotations

from coderchat_jupyter.server.providers._build import (
    UnknownProviderTypeError,
    build_provider,
)
from coderchat_jupyter.server.providers._protocol import (
    Provider,
    ProviderError,
    ProviderRow,
)

__all__ = [
    "Provider",
    "ProviderError",
    "ProviderRow",
    "UnknownProviderTypeError",
    "build_provider",
]
