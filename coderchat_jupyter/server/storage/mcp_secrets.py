"""What signs in to a tool server, sealed and opened."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import SecretStr

from coderchat_jupyter.server.storage.rows import McpServerRow
from coderchat_jupyter.server.storage.sealing import Sealer

__all__ = ["headers_of", "seal_headers"]


def seal_headers(sealer: Sealer, headers: Mapping[str, SecretStr]) -> str | None:
    """Headers as one sealed text; None if there are none."""
    if not headers:
        return None
    plain = {name: value.get_secret_value() for name, value in headers.items()}
    return sealer.seal(SecretStr(json.dumps(plain)))


def headers_of(row: McpServerRow, sealer: Sealer) -> dict[str, SecretStr]:
    """The headers that sign in to a server.

    Raises:
        SealingError: They were sealed with another key.
    """
    if row.auth_type == "api_key" and row.api_key_header and row.sealed_api_key:
        return {row.api_key_header: sealer.unseal(row.sealed_api_key)}
    if row.auth_type == "custom_headers" and row.sealed_headers:
        plain = json.loads(sealer.unseal(row.sealed_headers).get_secret_value())
        return {name: SecretStr(value) for name, value in plain.items()}
    return {}
