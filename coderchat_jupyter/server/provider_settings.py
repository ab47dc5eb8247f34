"""Settings that a type of provider has besides its keys: today those of Bedrock.

Their secrets are sealed before they are stored, and never shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import SecretStr

from coderchat_jupyter.server.secret_rules import ONE_LINE, is_one_line
from coderchat_jupyter.server.storage.sealing import Sealer

__all__ = ["opened_settings", "sealed_settings", "settings_faults", "shown_settings"]

_SECRETS: Final = ("access_key", "access_key_secret")

_PLAIN: Final = ("region", "model", "small_fast_model")

_TYPES: Final = frozenset({"anthropic", "bedrock"})
"""Types whose models Bedrock may run."""

_VERSION: Final = 1


def settings_faults(kind: str, settings: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with the settings for a type; no value is quoted."""
    if settings is None:
        return
    if not isinstance(settings, Mapping) or settings.get("_type") != "bedrock":
        yield "settings", 'must be an object of the _type "bedrock"'
    elif settings.get("_version") != _VERSION:
        yield "settings", f"must have the _version {_VERSION}"
    elif kind not in _TYPES:
        yield "settings", "of Bedrock are only for the types anthropic and bedrock"
    elif any(
        not isinstance(settings.get(name) or "", str) for name in (*_SECRETS, *_PLAIN)
    ):
        yield "settings", "must hold texts"
    elif not all(is_one_line(SecretStr(settings.get(name) or "")) for name in _SECRETS):
        yield "settings", f"must have {ONE_LINE} as keys"


def sealed_settings(
    settings: Mapping[str, Any], sealer: Sealer, before: Any = None
) -> dict[str, Any]:
    """Settings as they are stored.

    Args:
        settings: As they came, and found without a fault.
        sealer: Seals the secrets.
        before: What is stored now. A secret that is not mentioned stays; an empty
            one is forgotten.
    """
    kept: dict[str, Any] = {"_type": "bedrock", "_version": _VERSION}
    kept |= {name: settings[name] for name in _PLAIN if settings.get(name)}
    sealed = dict((before or {}).get("sealed") or {})
    for name in _SECRETS:
        given = settings.get(name)
        if given:
            sealed[name] = sealer.seal(SecretStr(given))
        elif given is not None:
            sealed.pop(name, None)
    return kept | ({"sealed": sealed} if sealed else {})


def opened_settings(stored: Any, sealer: Sealer) -> dict[str, str] | None:
    """Settings for whoever makes the calls.

    Raises:
        SealingError: They were sealed with another key file.
    """
    if not isinstance(stored, Mapping) or stored.get("_type") != "bedrock":
        return None
    sealed: Mapping[str, str] = stored.get("sealed") or {}
    return {
        **{name: str(stored[name]) for name in _PLAIN if stored.get(name)},
        **{
            name: sealer.unseal(text).get_secret_value()
            for name, text in sealed.items()
        },
    }


def shown_settings(stored: Any) -> Any:
    """Settings without their secrets."""
    if not isinstance(stored, Mapping):
        return stored
    hidden = {"sealed", *_SECRETS}
    return {name: value for name, value in stored.items() if name not in hidden}
