"""A fake vendor, and providers that point at it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import SecretStr

from coderchat_jupyter.server.providers import Provider, ProviderRow, build_provider
from tests.fakes.vendor import FakeVendor
from tests.fakes.vendor import vendor as open_vendor

KEY = "sk-very-secret-key"

Connect = Callable[..., Provider]


@pytest.fixture
async def vendor() -> AsyncIterator[FakeVendor]:
    async with open_vendor() as fake:
        yield fake


@pytest.fixture
async def connect(vendor: FakeVendor) -> AsyncIterator[Connect]:
    """Build providers of a type; all are closed at the end."""
    made: list[Provider] = []

    def build(
        type_: str,
        *,
        key: str | None = KEY,
        url: str | None = None,
        account: str = "",
    ) -> Provider:
        secret = SecretStr(key) if key is not None else None
        row = ProviderRow(type_, url or vendor.url, secret, account=account)
        made.append(build_provider(row))
        return made[-1]

    yield build
    for provider in made:
        await provider.aclose()
