"""Providers whose library is an extra that may be missing."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from coderchat_jupyter.server.engine.classify import classify
from coderchat_jupyter.server.providers import Provider, ProviderError
from tests.fakes.vendor import FakeVendor
from tests.server.providers.calls import items

Connect = Callable[..., Provider]

OURS = "coderchat_jupyter.server.providers"


@pytest.mark.parametrize(
    ("type_", "library", "module"),
    [
        ("google", "google.genai", f"{OURS}._google_model"),
        ("bedrock", "botocore.auth", f"{OURS}._bedrock_wire"),
    ],
)
async def test_a_missing_extra_is_told_with_what_to_do(
    vendor: FakeVendor,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    type_: str,
    library: str,
    module: str,
) -> None:
    """In one sentence, at the first call; nothing is asked and nothing is retried."""
    monkeypatch.setitem(sys.modules, library, None)
    for name in (module, f"{OURS}._bedrock_model"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    with pytest.raises(ProviderError) as caught:
        await items(connect(type_))

    found = classify(caught.value, provider_type=type_)
    assert (found.error.kind, found.retryable) == ("config", False)
    assert found.error.message.endswith(f"pip install 'coderchat-jupyter[{type_}]'")
    assert vendor.seen == []
