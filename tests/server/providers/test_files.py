"""Files in a conversation, as each kind of provider is shown them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from coderchat_jupyter.server.providers import Provider
from coderchat_jupyter.server.providers._protocol import (
    FileContent,
    ModelMessage,
    TextContent,
)
from coderchat_jupyter.server.providers.local import for_small_model
from tests.fakes.vendor import FakeVendor, chat_stream, messages_stream
from tests.server.providers.calls import call, items

Connect = Callable[..., Provider]

PNG: Final = b"\x89PNG\r\n\x1a\n"
TABLE: Final = FileContent("t.csv", "text/csv", b"a,b\n1,2\n")
PICTURE: Final = FileContent("p.png", "image/png", PNG)
PAPER: Final = FileContent("r.pdf", "application/pdf", b"%PDF-1.7")
ASKED: Final = ModelMessage(
    "user", (TextContent("Compare"), TABLE, PICTURE, PAPER, TextContent("please"))
)


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def test_an_openai_like_vendor_gets_parts_in_the_order_of_the_message(
    vendor: FakeVendor, connect: Connect
) -> None:
    """A picture as one, all else as a file with its name."""
    vendor.will(chat_stream({"content": "Hi"}))

    await items(connect("openai-compat"), call(ASKED))

    (seen,) = vendor.seen
    assert seen.body["messages"][0]["content"] == [
        {"type": "text", "text": "Compare"},
        {
            "type": "file",
            "file": {
                "file_data": f"data:text/csv;base64,{coded(TABLE.data)}",
                "filename": "t.csv",
            },
        },
        {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,{coded(PNG)}"},
        },
        {
            "type": "file",
            "file": {
                "file_data": f"data:application/pdf;base64,{coded(PAPER.data)}",
                "filename": "r.pdf",
            },
        },
        {"type": "text", "text": "please"},
    ]


async def test_anthropic_gets_every_kind_of_text_as_plain_text(
    vendor: FakeVendor, connect: Connect
) -> None:
    """It refuses documents of other types."""
    vendor.will(messages_stream())
    url = vendor.url.removesuffix("/v1")

    await items(connect("anthropic", url=url), call(ASKED))

    (seen,) = vendor.seen
    content = seen.body["messages"][0]["content"]
    assert [part["type"] for part in content] == [
        "text",
        "document",
        "image",
        "document",
        "text",
    ]
    assert content[1]["source"]["media_type"] == "text/plain"
    assert content[1]["source"]["data"] == "a,b\n1,2\n"
    assert content[3]["source"]["data"] == coded(PAPER.data)


def test_the_tiny_model_reads_the_beginning_of_texts_and_the_names_of_all_else() -> (
    None
):
    """It takes nothing but text, and a message must not vanish."""
    large = FileContent("big.txt", "text/plain", b"x" * 1_000_000)

    asked = for_small_model(call(ModelMessage("user", (TABLE, PICTURE, large))))

    (message,) = asked.messages
    texts = [part.text for part in message.parts if isinstance(part, TextContent)]
    assert texts[:2] == ["[File t.csv]\na,b\n1,2\n", "[File p.png]\n"]
    assert len(texts[2]) < 10_000
