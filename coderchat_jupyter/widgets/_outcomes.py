"""What a server said to a change, as sentences for the form that asked for it."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Final

from pydantic import SecretStr

from coderchat_jupyter.bridge.editor_view import Outcome
from coderchat_jupyter.errors import (
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnsupportedError,
)
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import ModelConfig
from coderchat_jupyter.wire.providers import AIProvider

__all__ = [
    "ADMINS_ONLY",
    "ELSEWHERE",
    "MODEL_PATHS",
    "PROVIDER_PATHS",
    "deleted",
    "gone",
    "id_of",
    "outcome",
    "without_secret",
]

ADMINS_ONLY: Final = (
    "Only an admin of this deployment can change models and providers. "
    "You can look at them."
)
ELSEWHERE: Final = (
    "This server manages providers elsewhere: its release has no list of them here."
)


PROVIDER_PATHS: Final = {
    "type": "type",
    "name": "name",
    "display_name": "display_name",
    "base_url": "base_url",
    "api_keys": "api_key",
}
MODEL_PATHS: Final = {
    "ai_provider_id": "ai_provider_id",
    "model": "model",
    "context_limit": "context_limit",
    "compression_threshold": "compression_threshold",
    **{f"cost.{name}": f"prices.{name}" for name in Prices.model_fields},
}


def without_secret(text: str, key: SecretStr | None) -> str:
    """The text with the key taken out, should a server have quoted it."""
    secret = key.get_secret_value() if key else ""
    return text.replace(secret, "[key]") if secret else text


async def id_of(change: Awaitable[ModelConfig | AIProvider]) -> str:
    return (await change).id


async def outcome(
    change: Awaitable[str], paths: Mapping[str, str], key: SecretStr | None = None
) -> Outcome:
    """Wait for a change; what the server refuses becomes sentences for the form."""
    try:
        return Outcome(id=await change)
    except ForbiddenError:
        return Outcome(errors={"": ADMINS_ONLY})
    except NotFoundError:
        return gone("model or provider")
    except UnsupportedError:
        return Outcome(errors={"": ELSEWHERE})
    except (InvalidRequestError, ConflictError) as error:
        errors = _refused(error, paths)
        clean = {path: without_secret(text, key) for path, text in errors.items()}
    return Outcome(errors=clean)


def _refused(error: ApiError, paths: Mapping[str, str]) -> dict[str, str]:
    """Which fields the server found wrong, as far as it says so."""
    found: dict[str, str] = {}
    for field, detail in error.validations:
        name = field.partition("[")[0]
        path = paths.get(name)
        sentence = detail if path else f"{field}: {detail}"
        found.setdefault(path or "", sentence)
    if found:
        return found
    head = error.detail.partition(" ")[0].rstrip(":,")
    for name, path in paths.items():
        if head == name or (error.status == 412 and path == "ai_provider_id"):
            return {path: error.message}
    if isinstance(error, ConflictError) and "name" in paths:
        return {"name": error.message}
    more = f" ({error.detail})" if error.detail else ""
    return {"": error.message + more}


def gone(what: str) -> Outcome:
    return Outcome(
        errors={"": f"This {what} was deleted meanwhile; nothing was saved."}
    )


async def deleted(change: Awaitable[None]) -> Outcome:
    try:
        await change
    except NotFoundError:
        pass
    except ForbiddenError:
        return Outcome(errors={"": ADMINS_ONLY})
    except ApiError as error:
        return Outcome(errors={"": error.message})
    return Outcome()
