"""OpenAI's models at Azure, against a vendor on a real socket."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    StepUsage,
    TextDelta,
)
from coderchat_jupyter.server.providers.azure import azure_address
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.server.providers.calls import call, items

Connect = Callable[..., Provider]

COUNTED = StepUsage(input_tokens=1000, output_tokens=500, total_tokens=1500)

RESOURCE = "https://r.openai.azure.com"

DEPLOYMENT = f"{RESOURCE}/openai/deployments/gpt"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (RESOURCE, (f"{RESOURCE}/openai/v1", None)),
        (f"{RESOURCE}/", (f"{RESOURCE}/openai/v1", None)),
        (f"{RESOURCE}/openai", (f"{RESOURCE}/openai/v1", None)),
        (f"{RESOURCE}/openai/v1/", (f"{RESOURCE}/openai/v1", None)),
        (f"{RESOURCE}/openai/v1/responses", (f"{RESOURCE}/openai/v1", None)),
        (f"{RESOURCE}/openai/v1?api-version=preview", (f"{RESOURCE}/openai/v1", None)),
        (DEPLOYMENT, (f"{RESOURCE}/openai/v1", None)),
        (f"{RESOURCE}?api-version=2024-10-21", (RESOURCE, "2024-10-21")),
        (
            f"{DEPLOYMENT}/chat/completions?api-version=2024-10-21",
            (RESOURCE, "2024-10-21"),
        ),
        (
            "https://m.models.ai.azure.com",
            ("https://m.models.ai.azure.com/v1", None),
        ),
    ],
)
def test_every_form_of_an_azure_address_leads_to_the_right_api(
    given: str, expected: tuple[str, str | None]
) -> None:
    assert azure_address(given) == expected


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (
            "?api-version=2024-10-21",
            "/openai/deployments/model-1/chat/completions?api-version=2024-10-21",
        ),
        ("/openai/v1", "/openai/v1/chat/completions"),
    ],
)
async def test_a_deployment_is_asked_with_the_key_in_azures_header(
    vendor: FakeVendor,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    path: str,
) -> None:
    """What the environment holds for Azure or OpenAI goes nowhere."""
    for name in (
        "AZURE_OPENAI_API_KEY",
        "AZURE_OPENAI_AD_TOKEN",
        "OPENAI_API_KEY",
        "OPENAI_ORG_ID",
    ):
        monkeypatch.setenv(name, "of-somebody")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "http://nowhere.invalid")
    monkeypatch.setenv("OPENAI_API_VERSION", "2020-01-01")
    vendor.will(chat_stream({"content": "Hi"}))
    url = vendor.url.removesuffix("/v1") + address

    answer = await items(connect("azure", url=url), call("hello"))

    (seen,) = vendor.seen
    assert answer == [TextDelta("Hi"), Finished("stop", COUNTED)]
    assert seen.path == path
    assert seen.headers["api-key"] == "sk-very-secret-key"
    assert "authorization" not in seen.headers
    assert "of-somebody" not in str(seen)
    assert seen.body["max_completion_tokens"] == 32000


@pytest.mark.parametrize("address", ["?api-version=2024-10-21", "/openai/v1"])
async def test_a_provider_without_a_key_sends_none(
    vendor: FakeVendor, connect: Connect, address: str
) -> None:
    vendor.will(chat_stream({"content": "Hi"}))
    url = vendor.url.removesuffix("/v1") + address

    await items(connect("azure", key=None, url=url))

    assert not {"api-key", "authorization"} & set(vendor.seen[0].headers)


async def test_a_prompt_that_the_content_filter_refuses_is_an_error(
    vendor: FakeVendor, connect: Connect
) -> None:
    """It is told, not answered with nothing."""
    said = "The response was filtered due to the prompt triggering the policy."
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {}}
    error = {"message": said, "code": "content_filter", "status": 400}
    vendor.will(Reply.error(400, {"error": {**error, "innererror": inner}}))

    with pytest.raises(ProviderError) as caught:
        await items(connect("azure"))

    assert caught.value.detail == said
    assert caught.value.status_code == 400
