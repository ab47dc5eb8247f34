"""The forms of the ModelConfigEditor, and what its models and providers hold.

Call settings and prices come from the wire models' own metadata. The three models here
describe what the wire leaves to the form: names, addresses, switches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field

from coderchat_jupyter.bridge.form_values import Parsed, parse, text_of
from coderchat_jupyter.bridge.forms import Choice, FormField, core_type, fields_of
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.provider_options import ProviderOptions
from coderchat_jupyter.wire.providers import PROVIDER_TYPES, AIProvider

__all__ = [
    "CALL",
    "COST",
    "ENDPOINT_FIELDS",
    "MODEL_FIELDS",
    "PROVIDER_FIELDS",
    "parse_endpoint",
    "parse_provider",
    "provider_fields",
    "provider_values",
]

CALL: Final = "call."
COST: Final = "prices."
MAX_KEY_BYTES: Final = 10_240


def _form(description: str = "", **extra: Any) -> Any:
    return Field(description=description, json_schema_extra={"form": True, **extra})


class _General(BaseModel):
    display_name: Annotated[
        str, _form("What people see", label="Display name", placeholder="As model id")
    ] = ""
    ai_provider_id: Annotated[
        str, _form("Where the model is called", label="Provider", required=True)
    ]
    model: Annotated[
        str, _form("As the provider calls it", label="Model id", required=True)
    ]
    context_limit: Annotated[
        int,
        _form(
            "What fits", label="Context limit", unit="tokens", minimum=1, required=True
        ),
    ]
    enabled: Annotated[bool, _form("Whether chats may use it")] = True


class _Compaction(BaseModel):
    compression_threshold: Annotated[
        int,
        _form(
            "How full the context may be before older messages are summed up",
            label="Compaction at",
            unit="% of context",
            minimum=0,
            maximum=100,
            placeholder="70",
        ),
    ] = 70


class _Provider(BaseModel):
    display_name: Annotated[
        str, _form("What people see", label="Display name", placeholder="As name")
    ] = ""
    type: Annotated[
        str,
        _form(
            "The protocol it speaks; cannot be changed later",
            choices=PROVIDER_TYPES,
            required=True,
            fixed=True,
        ),
    ]
    name: Annotated[
        str,
        _form(
            "Its short name on the server; cannot be changed later",
            required=True,
            fixed=True,
            placeholder="my-endpoint",
        ),
    ]
    base_url: Annotated[
        str,
        _form(
            "Where its API begins",
            label="Base URL",
            kind="url",
            required=True,
            placeholder="https://host/v1",
        ),
    ]
    enabled: Annotated[bool, _form("Whether models may be called there")] = True


class _Endpoint(BaseModel):
    type: Annotated[
        str, _form("The protocol it speaks", choices=PROVIDER_TYPES, required=True)
    ]
    base_url: Annotated[
        str,
        _form(
            "Where its API begins",
            label="Base URL",
            kind="url",
            required=True,
            placeholder="http://localhost:11434/v1",
        ),
    ]
    model: Annotated[
        str,
        _form(
            "As the endpoint calls it",
            label="Model id",
            required=True,
            placeholder="llama3.2",
        ),
    ]
    display_name: Annotated[
        str, _form("What people see", label="Display name", placeholder="As model id")
    ] = ""
    context_limit: Annotated[
        int,
        _form(
            "What fits", label="Context limit", unit="tokens", minimum=1, required=True
        ),
    ]
    free: Annotated[
        bool, _form("Prices of 0, so that it is not unpriced", label="Free of charge")
    ] = False
    default: Annotated[bool, _form("New chats use it", label="Use for new chats")] = (
        True
    )


_OPTIONS: Final = CALL + "provider_options."


def _option_fields(family: str) -> tuple[FormField, ...]:
    kind = core_type(ProviderOptions.model_fields[family].annotation)
    prefix = f"{_OPTIONS}{family}."
    return fields_of(kind, section="options", prefix=prefix, family=family, nested=True)


MODEL_FIELDS: Final = (
    *fields_of(_General, section="general"),
    *fields_of(CallConfig, section="call", prefix=CALL),
    *fields_of(_Compaction, section="call"),
    *fields_of(Prices, section="prices", prefix=COST),
    *(f for family in ProviderOptions.model_fields for f in _option_fields(family)),
)
"""Of every model; those with a family only where its provider takes such options."""

PROVIDER_FIELDS: Final = fields_of(_Provider, section="provider")
ENDPOINT_FIELDS: Final = fields_of(_Endpoint, section="endpoint")


def provider_values(provider: AIProvider) -> dict[str, str]:
    """A provider as its form shows it. Keys are not part of it."""
    return {
        field.path: text_of(getattr(provider, field.path)) for field in PROVIDER_FIELDS
    }


def provider_fields(type_name: str | None = None) -> tuple[FormField, ...]:
    """The form of providers, with the type of an existing one among the choices."""
    if type_name is None or type_name in PROVIDER_TYPES:
        return PROVIDER_FIELDS
    extra = Choice(value=type_name, label=type_name)
    return tuple(
        field.model_copy(update={"choices": (*field.choices, extra)})
        if field.path == "type"
        else field
        for field in PROVIDER_FIELDS
    )


def parse_provider(values: Mapping[str, str], key: str | None) -> Parsed:
    """Read the form of a provider; the key is checked and not part of the result."""
    read = parse(provider_fields(values.get("type")), values)
    name = read.values.get("name") or ""
    if name and not _is_slug(name):
        read.errors["name"] = "Only a to z, 0 to 9 and single dashes between them"
    return _with_key(read, key)


def parse_endpoint(values: Mapping[str, str], key: str | None) -> Parsed:
    """Read the form that adds a provider and its model in one go."""
    return _with_key(parse(ENDPOINT_FIELDS, values), key)


def _with_key(read: Parsed, key: str | None) -> Parsed:
    if not key:
        return read
    wrong = ""
    if key.strip() != key or not key.isprintable():
        wrong = "Has blanks or line breaks; paste the key alone"
    elif len(key.encode()) > MAX_KEY_BYTES:
        wrong = "Is too long for a key"
    return replace(read, errors=read.errors | {"api_key": wrong}) if wrong else read


def _is_slug(name: str) -> bool:
    return all(
        part and part.isascii() and part.isalnum() and part == part.lower()
        for part in name.split("-")
    )
