"""Models: their configurations, and the catalogue a user may choose from.

The fields of `CallConfig` and `Prices` carry what a form needs to know of them.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import (
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from coderchat_jupyter.wire._base import OMIT, WireModel, form
from coderchat_jupyter.wire._go import ZERO_TIME
from coderchat_jupyter.wire._legacy_prices import fold, unfold
from coderchat_jupyter.wire._lenient import read_leniently
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.ids import ModelConfigId, ProviderId
from coderchat_jupyter.wire.provider_options import ProviderOptions

__all__ = [
    "CallConfig",
    "CatalogueModel",
    "CatalogueProvider",
    "CreateModelConfig",
    "ModelConfig",
    "ModelsResponse",
    "OrganizationModels",
    "OrganizationProvider",
    "UnavailableReason",
    "UpdateModelConfig",
]


class CallConfig(WireModel):
    """How a model is called (upstream `ChatModelCallConfig`).

    Prices that an older server stored beside the settings are read into `cost`.
    """

    max_output_tokens: Annotated[
        int | None,
        OMIT,
        form(
            "Upper bound on tokens the model may generate",
            title="Max output",
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
    cost: Annotated[
        Prices | None, OMIT, form("Optional pricing metadata for this model")
    ] = None
    provider_options: Annotated[
        ProviderOptions | None, OMIT, form("Provider-specific option overrides")
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _fold_legacy_prices(cls, value: Any) -> Any:
        return fold(value)

    def rewritten(self, fields: dict[str, Any], *, only_set: bool) -> Any:
        """Older prices where they stood, as long as nobody changed them."""
        if not only_set:
            return fields
        # A stored cost that is none is kept among the unknown fields.
        odd = {n: item for n, item in (self.model_extra or {}).items() if n == "cost"}
        return odd | unfold(fields, self.cost)


def _as_stored(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """What a server has stored is read as far as it goes; it is not ours to refuse."""
    try:
        return handler(value)
    except ValidationError:
        return read_leniently(CallConfig, value)


class ModelConfig(WireModel):
    """A model that the deployment offers (upstream `ChatModelConfig`).

    A setting whose type is not the one we know is kept among the unknown ones.
    """

    id: ModelConfigId
    provider: str = ""
    ai_provider_id: Annotated[ProviderId | None, OMIT] = None
    model: str = ""
    display_name: str = ""
    enabled: bool = True
    is_default: bool = False
    context_limit: int = 0
    compression_threshold: int = 70
    call_config: Annotated[
        CallConfig | None, OMIT, WrapValidator(_as_stored), Field(alias="model_config")
    ] = None
    created_at: Moment = ZERO_TIME
    updated_at: Moment = ZERO_TIME
    reasoning_efforts: Annotated[Items[str], OMIT] = ()
    """v2.36 and later: what a message may ask for."""


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


UnavailableReason: TypeAlias = Annotated[
    str, Words("missing_api_key", "fetch_failed", "user_api_key_required")
]
"""Why the models of a provider cannot be used."""


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
    unavailable_reason: Annotated[UnavailableReason, OMIT] = ""
    models: Items[CatalogueModel] = ()


class ModelsResponse(WireModel):
    """The catalogue for the calling user."""

    providers: Items[CatalogueProvider] = ()
    unsupported_providers: Annotated[Items[Any], OMIT] = ()
    """v2.35 and later."""


class OrganizationProvider(WireModel):
    """A provider as the models of an organization name it (v2.37 and later)."""

    id: ProviderId
    type: str = ""
    display_name: str = ""
    icon: str = ""
    enabled: bool = False
    available: bool = False
    unavailable_reason: Annotated[UnavailableReason, OMIT] = ""


class OrganizationModels(WireModel):
    """The models of an organization, with who runs them (v2.37 and later)."""

    models: Items[ModelConfig] = ()
    providers: Items[OrganizationProvider] = ()
    unsupported_providers: Items[Any] = ()

    def as_catalogue(self) -> ModelsResponse:
        """What older servers tell of the same: enabled ones, by provider type."""
        types = {one.id: one.type for one in self.providers}
        by_type: dict[str, list[ModelConfig]] = {
            one.type: [] for one in self.providers if one.enabled
        }
        for model in self.models:
            kind = types.get(model.ai_provider_id or ProviderId(""), model.provider)
            if model.enabled and kind in by_type:
                by_type[kind].append(model)
        return ModelsResponse(
            providers=tuple(
                self._offered(kind, tuple(models)) for kind, models in by_type.items()
            ),
            unsupported_providers=self.unsupported_providers,
        )

    def _offered(self, kind: str, models: tuple[ModelConfig, ...]) -> CatalogueProvider:
        of_type = [one for one in self.providers if one.type == kind and one.enabled]
        is_available = any(one.available for one in of_type)
        reasons = (one.unavailable_reason for one in of_type)
        return CatalogueProvider(
            provider=kind,
            available=is_available,
            unavailable_reason="" if is_available else next(filter(None, reasons), ""),
            models=tuple(
                CatalogueModel(
                    id=f"{kind}:{model.model}",
                    provider=kind,
                    model=model.model,
                    display_name=model.display_name or model.model,
                )
                for model in models
            ),
        )
