"""Pictures that tools give are shown to the model, as each vendor takes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._protocol import (
    FileContent,
    ModelCall,
    ModelMessage,
    ToolResultContent,
)
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.fakes.vendor_wires import responses_stream
from tests.server.providers.answers import ANSWERS
from tests.server.providers.calls import LOOKUP, call, called, items

Connect = Callable[..., Provider]

PIXEL = b"\x89PNG\r\n\x1a\n" + b"0123456789"
TOLD = base64.b64encode(PIXEL).decode()
SUMMARY = {"provider_options": {"openai": {"reasoning_summary": "auto"}}}


def asked(**settings: Any) -> ModelCall:
    picture = FileContent("picture.png", "image/png", PIXEL)
    seen = ToolResultContent("c1", "lookup", "A map [image/png]", picture=picture)
    return call(
        "q",
        called(("c1", "{}")),
        ModelMessage("tool", (seen,)),
        tools=(LOOKUP,),
        **settings,
    )


@pytest.mark.parametrize("kind", ["anthropic", "bedrock", "google", "openai"])
async def test_the_model_sees_the_picture_beside_its_text(
    vendor: FakeVendor, connect: Connect, kind: str
) -> None:
    vendor.will(ANSWERS[kind]())

    await items(connect(kind), asked())

    sent = json.dumps(vendor.seen[0].body)
    assert TOLD in sent.replace("-", "+").replace("_", "/")
    assert "A map [image/png]" in sent


async def test_the_responses_api_sees_it_too(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(responses_stream())

    await items(connect("openai"), asked(settings=SUMMARY))

    assert f"data:image/png;base64,{TOLD}" in json.dumps(vendor.seen[0].body)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (404, "This model does not support image input."),
        (400, "Image input is not supported by this model"),
        (404, "No endpoints found that support image input"),
        (400, "Invalid content type. image_url is only supported by certain models."),
        (400, "Could not process image"),
        (400, "The image data you provided does not represent a valid image."),
        (400, "too many images and documents: 101 + 0 > 100"),
        (413, "Request exceeds the maximum size"),
    ],
)
async def test_a_model_that_takes_no_such_picture_is_asked_with_the_text_alone(
    vendor: FakeVendor, connect: Connect, status: int, refusal: str
) -> None:
    error = {"error": {"message": refusal}}
    vendor.will(Reply.error(status, error), chat_stream({"content": "x"}))

    await items(connect("openai"), asked())

    assert TOLD not in json.dumps(vendor.seen[1].body)
    assert vendor.seen[1].body["messages"][2]["content"] == "A map [image/png]"


async def test_another_failure_is_not_blamed_on_the_picture(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(Reply.error(400, {"error": {"message": "max_tokens is too large"}}))

    with pytest.raises(ProviderError):
        await items(connect("openai"), asked())

    assert len(vendor.seen) == 1
