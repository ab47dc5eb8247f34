"""Bedrock's Converse calls over HTTP: signed requests, answers in event frames.

The vendor's own client waits in threads that nothing can wake before the first byte;
this one is closed at once, and shows its exchanges to whoever asks. Signatures and
frames are the vendor's library's. Imports it at the top: only adapters import this
module, in a thread.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx2
from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from botocore.eventstream import EventStreamBuffer, ParserError  # type: ignore[import-untyped]
from botocore.session import Session  # type: ignore[import-untyped]

from coderchat_jupyter.server.providers._failures import (
    retry_after_now,
    sentence_of,
    title_of,
)
from coderchat_jupyter.server.providers._protocol import ProviderError, ProviderRow

__all__ = ["BedrockWire", "opened_wire", "region_of"]

_REGION_IN_HOST: Final = re.compile(r"bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.")

_KEY_PAIR: Final = re.compile(r"([A-Z0-9]{16,128}):([^:]+)(?::(.+))?")
"""An access key with its secret, and a session token if it is a passing one."""

_USUAL_REGION: Final = "us-east-1"

_STATUS_OF: Final = {
    "internalserverexception": 500,
    "modelstreamerrorexception": 424,
    "modeltimeoutexception": 408,
    "serviceunavailableexception": 503,
    "throttlingexception": 429,
    "validationexception": 400,
}
"""The status that an error inside a stream has outside of it."""


def region_of(row: ProviderRow) -> str:
    """The region of a provider: as set, as its address says, or the usual one."""
    chosen = (row.settings or {}).get("region")
    if chosen:
        return str(chosen)
    found = _REGION_IN_HOST.search(urlsplit(row.base_url).hostname or "")
    return found[1] if found else _USUAL_REGION


def opened_wire(row: ProviderRow, http: httpx2.AsyncClient) -> BedrockWire:
    """Make the calls of a provider: with its key, or with those of this machine.

    A key is one of Bedrock's own, or `ACCESS_KEY:SECRET`, or stands in the settings.
    Only where there is none, the machine's role or credentials are asked for.
    """
    settings = row.settings or {}
    bearer, credentials = None, None
    if settings.get("access_key") and settings.get("access_key_secret"):
        credentials = Credentials(
            settings["access_key"],
            settings["access_key_secret"],
            settings.get("session_token"),
        )
    elif row.api_key is not None:
        text = row.api_key.get_secret_value()
        if pair := _KEY_PAIR.fullmatch(text):
            credentials = Credentials(*pair.groups())
        else:
            bearer = text
    else:
        credentials = Session().get_credentials()
    base_url = row.base_url.rstrip("/")
    return BedrockWire(base_url, region_of(row), http, bearer, credentials)


@dataclass(slots=True, repr=False)
class BedrockWire:
    """Where Converse is called, and as whom. Its repr shows nothing."""

    base_url: str
    region: str
    http: httpx2.AsyncClient
    bearer: str | None
    credentials: Any

    async def converse(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for a whole answer."""
        response = await self.http.send(self._request("converse", params))
        if response.is_error:
            raise _refused(response)
        found: dict[str, Any] = response.json()
        return found

    async def stream(
        self, params: Mapping[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Ask for an answer event by event; closing it closes the connection."""
        request = self._request("converse-stream", params)
        response = await self.http.send(request, stream=True)
        try:
            if response.is_error:
                await response.aread()
                raise _refused(response)
            frames = EventStreamBuffer()
            last = ""
            async for piece in response.aiter_bytes():
                frames.add_data(piece)
                for frame in frames:
                    last, event = _event(frame)
                    yield {last: event}
            if last not in ("messageStop", "metadata"):
                raise ProviderError("unexpected EOF: the answer was cut off")
        except ParserError as error:
            text = "the answer is not the event stream of Bedrock"
            raise ProviderError(text, detail=text) from error
        finally:
            await response.aclose()

    def _request(self, action: str, params: Mapping[str, Any]) -> httpx2.Request:
        body = {name: value for name, value in params.items() if name != "modelId"}
        content = json.dumps(body, default=_as_text).encode()
        model = quote(params["modelId"], safe="")
        url = f"{self.base_url}/model/{model}/{action}"
        headers = {"Content-Type": "application/json"}
        if self.bearer is not None:
            headers["Authorization"] = f"Bearer {self.bearer}"
        elif self.credentials is not None:
            signed = AWSRequest("POST", url, headers, content)
            frozen = self.credentials.get_frozen_credentials()
            SigV4Auth(frozen, "bedrock", self.region).add_auth(signed)
            headers = dict(signed.headers.items())
        return self.http.build_request("POST", url, headers=headers, content=content)


def _as_text(value: Any) -> str:
    """Bytes, as this API takes them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)


def _event(frame: Any) -> tuple[str, dict[str, Any]]:
    """One event by its name.

    Raises:
        ProviderError: It tells that the answer failed.
    """
    headers = frame.headers
    payload: Any = json.loads(frame.payload or b"{}")
    if headers.get(":message-type") == "event":
        return headers[":event-type"], _with_bytes(payload)
    name = headers.get(":exception-type") or headers.get(":error-code") or ""
    status = payload.get("originalStatusCode") or _STATUS_OF.get(name.lower())
    detail = payload.get("message") or headers.get(":error-message") or name
    text = ": ".join(filter(None, (title_of(status or 0), detail)))
    raise ProviderError(text, status_code=status, detail=detail)


def _with_bytes(payload: dict[str, Any]) -> dict[str, Any]:
    """The one field of bytes that a delta may have, as bytes."""
    reasoning = payload.get("delta", {}).get("reasoningContent", {})
    if isinstance(reasoning.get("redactedContent"), str):
        reasoning["redactedContent"] = base64.b64decode(reasoning["redactedContent"])
    return payload


def _refused(response: httpx2.Response) -> ProviderError:
    status = response.status_code
    detail = sentence_of(response.text)
    text = ": ".join(filter(None, (title_of(status), detail)))
    return ProviderError(
        text or f"status {status}",
        status_code=status,
        detail=detail,
        retry_after_ms=retry_after_now(response.headers),
    )
