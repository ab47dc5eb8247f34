"""Google's transport, made to read answers whose counts its own types refuse.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from google.genai import Client
from google.genai._api_client import BaseApiClient

from coderchat_jupyter.server.providers._library import tokens

__all__ = ["countable", "read_all_counts"]

_ODD: Final = re.compile(r'okenCount"\s*:\s*(?!\d{1,12}\s*[,}])')


def read_all_counts(client: Client) -> None:
    """Have a client take answers whatever they count."""
    client._api_client.__class__ = _Api


def countable(body: str) -> str:
    """An answer in which every number of tokens is whole, or is none.

    The SDK gives up the whole answer for a fraction.
    """
    if _ODD.search(body) is None:
        return body
    try:
        return json.dumps(_counted(json.loads(body)))
    except (RecursionError, ValueError):
        return body


def _counted(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        # What the model says may have such names too: arguments of a call.
        return {k: v if k == "content" else _counted(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_counted(one, name) for one in value]
    if name.endswith("okenCount") and isinstance(value, int | float):
        return tokens(value) or None
    return value


class _Api(BaseApiClient):
    async def async_request(self, *asked: Any, **more: Any) -> Any:
        response = await super().async_request(*asked, **more)
        if isinstance(response.body, str):
            response.body = countable(response.body)
        return response

    async def async_request_streamed(self, *asked: Any, **more: Any) -> Any:
        pieces = await super().async_request_streamed(*asked, **more)
        return _countable(pieces)


async def _countable(pieces: Any) -> AsyncGenerator[Any, None]:
    async with aclosing(pieces):
        async for piece in pieces:
            if isinstance(piece.body, str):
                piece.body = countable(piece.body)
            yield piece
