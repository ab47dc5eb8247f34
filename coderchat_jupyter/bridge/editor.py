"""From models and providers of a server to what the editor's page is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from coderchat_jupyter.bridge.editor_view import (
    EditorView,
    FormSet,
    KeptSetting,
    ModelRow,
    Preset,
    ProviderRow,
)
from coderchat_jupyter.bridge.model_form import (
    ENDPOINT_FIELDS,
    MODEL_FIELDS,
    provider_fields,
    provider_values,
)
from coderchat_jupyter.bridge.model_settings import kept_settings, model_values
from coderchat_jupyter.bridge.money import tokens_text
from coderchat_jupyter.wire.ids import ProviderId
from coderchat_jupyter.wire.models import ModelConfig
from coderchat_jupyter.wire.provider_options import OPTION_FAMILIES
from coderchat_jupyter.wire.providers import PROVIDER_TYPES, AIProvider

__all__ = ["FORMS", "PRESETS", "Catalogue", "base_of", "editor_view"]

KEYLESS: Final = frozenset({"local", "scripted", "openai-compat", "bedrock"})
"""Types that may do without a key; the others cannot answer without one."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a server said of its models and providers.

    Attributes:
        configs: Every model config the user may see.
        providers: None when the server would not list them.
        problem: Why `providers` is None.
        read_only: Why nothing may be changed; None when it may.
        server: Where all this is, for the header.
    """

    configs: tuple[ModelConfig, ...]
    providers: tuple[AIProvider, ...] | None
    problem: str | None = None
    read_only: str | None = None
    server: str = ""


def editor_view(catalogue: Catalogue) -> EditorView:
    """All of what a ModelConfigEditor shows."""
    known = catalogue.providers or ()
    providers = {provider.id: provider for provider in known}
    used = Counter(config.ai_provider_id for config in catalogue.configs)
    return EditorView(
        phase="ready",
        read_only=catalogue.read_only,
        providers_problem=catalogue.problem,
        server=catalogue.server,
        models=tuple(_model_row(config, providers) for config in catalogue.configs),
        providers=tuple(_provider_row(p, used[p.id]) for p in known),
        forms=FORMS,
    )


def base_of(item: ModelConfig | AIProvider) -> str:
    """What tells one state of a config or provider from the next."""
    return item.updated_at.isoformat() if item.updated_at else ""


def _model_row(
    config: ModelConfig, providers: dict[ProviderId, AIProvider]
) -> ModelRow:
    provider = providers.get(config.ai_provider_id) if config.ai_provider_id else None
    where = _provider_title(provider) if provider else config.provider
    mark, remark = _model_mark(config, provider)
    size = tokens_text(config.context_limit) if config.context_limit else ""
    return ModelRow(
        id=config.id,
        title=config.display_name or config.model,
        subtitle=", ".join(filter(None, (where, remark or size))),
        mark=mark,
        state="default" if config.is_default else "on" if config.enabled else "off",
        provider=config.provider,
        values=model_values(config),
        kept=tuple(KeptSetting(path=p, value=v) for p, v in kept_settings(config)),
        base=base_of(config),
    )


def _model_mark(
    config: ModelConfig, provider: AIProvider | None
) -> tuple[Literal["default", "on", "off", "no_price", "no_key"], str]:
    """The most important thing to know of a model, and a word for it."""
    if not config.enabled:
        return "off", ""
    if provider is not None and not provider.enabled:
        return "off", "provider off"
    if provider is not None and _lacks_key(provider):
        return "no_key", "key not set"
    call = config.call_config
    if call is None or call.cost is None:
        return "no_price", "no prices"
    return ("default", "") if config.is_default else ("on", "")


def _provider_row(provider: AIProvider, models: int) -> ProviderRow:
    lacks = _lacks_key(provider)
    type_name = PROVIDER_TYPES.get(provider.type, provider.type.capitalize())
    count = f"{models} model" + ("" if models == 1 else "s")
    return ProviderRow(
        id=provider.id,
        title=_provider_title(provider),
        subtitle=f"{type_name}, {'key not set' if lacks else count}",
        mark="off" if not provider.enabled else "no_key" if lacks else "on",
        state="on" if provider.enabled else "off",
        has_key=bool(provider.api_keys),
        needs_key=provider.type not in KEYLESS,
        models=models,
        values=provider_values(provider),
        base=base_of(provider),
    )


def _provider_title(provider: AIProvider) -> str:
    return provider.display_name or provider.name


def _lacks_key(provider: AIProvider) -> bool:
    return not provider.api_keys and provider.type not in KEYLESS


def _preset(
    name: str,
    label: str,
    hint: str,
    *,
    base_url: str = "",
    type_name: str = "openai-compat",
    key: Literal["optional", "required"] = "optional",
    context_limit: int = 8192,
) -> Preset:
    values = {field.path: "" for field in ENDPOINT_FIELDS}
    values |= {"type": type_name, "base_url": base_url}
    # What runs on one's own machine costs nothing; the others are for the user to say.
    values["free"] = "true" if "//localhost:" in base_url else "false"
    values |= {"default": "true", "context_limit": str(context_limit)}
    return Preset(name=name, label=label, hint=hint, key=key, values=values)


PRESETS: Final = (
    _preset(
        "ollama",
        "Ollama",
        "A model that ollama list names, on this machine.",
        base_url="http://localhost:11434/v1",
        context_limit=4096,
    ),
    _preset(
        "vllm",
        "vLLM",
        "The model that vllm serve was started with.",
        base_url="http://localhost:8000/v1",
    ),
    _preset(
        "llama-cpp",
        "llama.cpp",
        "What llama-server has loaded; any model id will do.",
        base_url="http://localhost:8080/v1",
    ),
    _preset(
        "openai",
        "OpenAI",
        "Needs a key of the OpenAI platform.",
        base_url="https://api.openai.com/v1",
        type_name="openai",
        key="required",
        context_limit=128_000,
    ),
    _preset(
        "anthropic",
        "Anthropic",
        "Needs a key of the Anthropic console.",
        base_url="https://api.anthropic.com",
        type_name="anthropic",
        key="required",
        context_limit=200_000,
    ),
    _preset(
        "openrouter",
        "OpenRouter",
        "Needs a key of OpenRouter.",
        base_url="https://openrouter.ai/api/v1",
        type_name="openrouter",
        key="required",
        context_limit=128_000,
    ),
    _preset(
        "endpoint",
        "Other",
        "Anything that speaks the OpenAI protocol.",
    ),
)

FORMS: Final = FormSet(
    model=MODEL_FIELDS,
    provider=provider_fields(),
    endpoint=ENDPOINT_FIELDS,
    families=OPTION_FAMILIES,
    new_model={field.path: "" for field in MODEL_FIELDS if not field.family}
    | {"enabled": "true"},
    new_provider={field.path: "" for field in provider_fields()}
    | {"type": "openai-compat", "enabled": "true"},
    presets=PRESETS,
)
