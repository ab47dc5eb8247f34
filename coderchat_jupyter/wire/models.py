"""Models: their configurations, and the catalogue a user may choose from.

The fields of `CallConfig` and `Prices` carry what a form needs to know of them.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, model_validator

from coderchat_jupyter.wire._base import OMIT, WireModel, form
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.ids import ModelConfigId, ProviderId

__all__ = [
    "CallConfig",
    "CatalogueModel",
    "CatalogueProvider",
    "CreateModelConfig",
    "ModelConfig",
    "ModelsResponse",
    "UpdateModelConfig",
]

_PRICE_FIELDS: Final = tuple(Prices.model_fields)


class CallConfig(WireModel):
    """How a model is called (upstream `ChatModelCallConfig`).

    Prices that an older server stored beside the settings are read into `cost`.
    """

    max_output_tokens: Annotated[
        int | None,
        OMIT,
        form(
            "Upper bound on tokens the model may generate",
            label="Max output",
            unit="tokens",
            minimum=1,
        ),
    ] = None
    temperature: Annotated[
        float | None,
        OMIT,
        form("Sampling temperature between 0 and 2", minimum=0, maximum=2),
    ] = None
    top_p: Annotated[
        float | None,
        OMIT,
        form("Nucleus sampling probability cutoff", minimum=0, maximum=1),
    ] = None
    top_k: Annotated[
        int | None,
        OMIT,
        form("Number of highest-probability tokens to keep for sampling", minimum=0),
    ] = None
    presence_penalty: Annotated[
        float | None,
        OMIT,
        form(
            "Penalty for tokens that have already appeared in the output",
            minimum=-2,
            maximum=2,
        ),
    ] = None
    frequency_penalty: Annotated[
        float | None,
        OMIT,
        form(
            "Penalty for tokens based on their frequency in the output",
            minimum=-2,
            maximum=2,
        ),
    ] = None
    cost: Annotated[Prices | None, OMIT] = None
    provider_options: Annotated[dict[str, Any] | None, OMIT] = None
    """Options of one provider family, kept as they are."""

    @model_validator(mode="before")
    @classmethod
    def _fold_legacy_prices(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        legacy = {name: value[name] for name in _PRICE_FIELDS if name in value}
        if not legacy:
            return value
        rest = {name: item for name, item in value.items() if name not in legacy}
        nested = rest.get("cost")
        known = nested if isinstance(nested, dict) else {}
        return {**rest, "cost": {**legacy, **known}}


class ModelConfig(WireModel):
    """A model that the deployment offers (upstream `ChatModelConfig`)."""

    id: ModelConfigId
    provider: str = ""
    ai_provider_id: Annotated[ProviderId | None, OMIT] = None
    model: str = ""
    display_name: str = ""
    enabled: bool = True
    is_default: bool = False
    context_limit: int = 0
    compression_threshold: int = 70
    call_config: Annotated[CallConfig | None, OMIT, Field(alias="model_config")] = None
    created_at: Moment | None = None
    updated_at: Moment | None = None


class CreateModelConfig(WireModel):
    """Body of a create call; servers before v2.34 want `provider` instead of the id."""

    provider: Annotated[str, OMIT] = ""
    ai_provider_id: Annotated[ProviderId | None, OMIT] = None
    model: str = ""
    display_name: Annotated[str, OMIT] = ""
    enabled: Annotated[bool | None, OMIT] = None
    is_default: Annotated[bool | None, OMIT] = None
    context_limit: Annotated[int | None, OMIT] = None
    compression_threshold: Annotated[int | None, OMIT] = None
    call_config: Annotated[CallConfig | None, OMIT, Field(alias="model_config")] = None


class UpdateModelConfig(WireModel):
    """Body of an update; what is empty stays, `call_config` replaces the whole."""

    provider: Annotated[str, OMIT] = ""
    ai_provider_id: Annotated[ProviderId | None, OMIT] = None
    model: Annotated[str, OMIT] = ""
    display_name: Annotated[str, OMIT] = ""
    enabled: Annotated[bool | None, OMIT] = None
    is_default: Annotated[bool | None, OMIT] = None
    context_limit: Annotated[int | None, OMIT] = None
    compression_threshold: Annotated[int | None, OMIT] = None
    call_config: Annotated[CallConfig | None, OMIT, Field(alias="model_config")] = None


class CatalogueModel(WireModel):
    """A model as the picker shows it; `id` is `provider:model`."""

    id: str
    provider: str = ""
    model: str = ""
    display_name: str = ""


class CatalogueProvider(WireModel):
    """A provider type and its models, or why they cannot be used."""

    provider: str = ""
    available: bool = False
    unavailable_reason: Annotated[str, OMIT] = ""
    models: Items[CatalogueModel] = ()


class ModelsResponse(WireModel):
    """The catalogue for the calling user."""

    providers: Items[CatalogueProvider] = ()
