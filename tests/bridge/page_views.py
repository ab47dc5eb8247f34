"""Views of costs and of the editor for the page's tests and its gallery.

`python -m tests.bridge.page_views` writes them; a test compares. Made by the same code
that makes the real ones, so that a picture in the gallery cannot show what no kernel
would send.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from coderchat_jupyter.bridge.cost_view import CostView
from coderchat_jupyter.bridge.costs import cost_view
from coderchat_jupyter.bridge.editor import Catalogue, editor_view
from coderchat_jupyter.bridge.editor_view import EditorView
from coderchat_jupyter.state.pricing import PricedRequest
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.models import ModelConfig
from coderchat_jupyter.wire.provider_options import OPTION_FAMILIES
from coderchat_jupyter.wire.providers import AIProvider

__all__ = ["FOLDER", "cost_views", "editor_views", "text"]

FOLDER: Final = Path(__file__).parents[1] / "fixtures" / "page"
NOW: Final = datetime(2026, 11, 21, 13, tzinfo=UTC)
AT: Final = "2026-11-20T10:00:00Z"
TITLES: Final = (
    *("Refund jump in March", "Fit a survival curve", "Tidy the loader"),
    *("Compare two embeddings", "Smoke test", "Name the features"),
    "Explain the traceback in cell 31",
    "A very long title of a chat that somebody let the model write all by itself",
    *("Weekly note", "Check carriers", "Draft", "Another draft", "Old one"),
)
MODELS: Final = (
    *("atlas-large", "atlas-large", "atlas-mini", "cedar-lite", "atlas-large"),
    *("atlas-mini", "embed-2", "cedar-lite", "atlas-mini", "x-tiny", "y-tiny"),
)


def request(n: int, model: str, hours: float, micros: int | None) -> PricedRequest:
    """The n-th answer, some hours ago."""
    chat = n * 7 % len(TITLES)
    return PricedRequest(
        chat_id=ChatId(f"chat-{chat}"),
        chat_title=TITLES[chat],
        message_id=n,
        created_at=NOW - timedelta(hours=hours),
        model_config_id=None,
        model=model,
        provider="openai",
        input_tokens=3000 + n,
        output_tokens=600,
        reasoning_tokens=0,
        cache_read_tokens=2000,
        cache_creation_tokens=200,
        micros=micros,
    )


def cost_views() -> dict[str, CostView]:
    """Every state of the CostExplorer."""
    month = [
        request(n, MODELS[n % 11], n * n * 37 % 6960 / 10, 2_000 + n * 7919 % 190_000)
        for n in range(320)
    ]
    month += [request(n, "cedar-70b", n % 50 * 14, None) for n in range(400, 421)]
    tiny = "SmolLM2 135M (tiny demo model)"
    few = [request(13, tiny, 0.2, 0), request(26, tiny, 0.1, 0)]
    cents = [request(0, "atlas-mini", 0.4, 2210), request(13, "atlas-mini", 0.2, 3410)]
    unknown = request(2, "cedar-70b", 0.1, None)

    def made(requests: list[PricedRequest], server: int | None, chats: int) -> CostView:
        return cost_view(requests, now=NOW, zone=UTC, chats=chats, server_micros=server)

    return {
        "month": made(month, 17_430_000, 13),
        "free": made(few, 0, 1),
        "cents": made([*cents, unknown], 5620, 2),
        "unpriced": made([unknown], None, 1),
        "empty": made([], None, 2),
        "failed": CostView(
            phase="failed",
            problem="GET /chats failed (401): You are signed out. Log in again: run "
            "`coder login`, or set CODER_SESSION_TOKEN to a fresh token.",
        ),
        "loading": CostView(),
    }


def editor_views() -> dict[str, EditorView]:
    """Every state of the ModelConfigEditor that the kernel makes."""
    providers = (
        _provider("p1", "anthropic", "team-gateway", "Team gateway", keys=1),
        _provider("p2", "openai-compat", "lab", "Lab cluster"),
        _provider("p3", "openrouter", "open-router", "OpenRouter"),
        _provider("p4", "local", "local", "Tiny demo model"),
    )
    prices = ("3", "15", "0.3", "3.75")
    claude: dict[str, Any] = {"effort": "medium", "send_reasoning": True}
    claude |= {"thinking": {"budget_tokens": 12000}, "option_of_tomorrow": True}
    options = {"anthropic": claude, "openai": {"store": False}}
    large = {"max_output_tokens": 8192, "temperature": 0.7, "provider_options": options}
    models = (
        _model("m1", "atlas-large", "p1", prices=prices, default=True, settings=large),
        _model("m2", "atlas-mini", "p1", prices=prices),
        _model("m3", "cedar-70b", "p2", limit=32_768),
        _model("m4", "cedar-vision", "p3", prices=prices),
        _model("m5", "SmolLM2-135M-Instruct", "p4", prices=("0",) * 4, limit=8192),
        _model("m6", "atlas-legacy", "p1", enabled=False),
    )
    admins = "Only an admin of this deployment can change models and providers."
    where = "coder.example.com"
    first = models[4].model_copy(update={"is_default": True})
    return {
        "full": editor_view(Catalogue(models, providers, server=where)),
        "fresh": editor_view(Catalogue((first,), providers[3:], server="127.0.0.1")),
        "options": editor_view(_options_of_each_type()),
        "read-only": editor_view(Catalogue(models, None, admins, admins, where)),
        "failed": EditorView(phase="failed", problem="No answer: connection refused."),
        "loading": EditorView(),
    }


def _options_of_each_type() -> Catalogue:
    """A model of every type of provider, with options of all kinds, odd ones too."""
    domains = ["docs.example.com", "a-rather-long-name.department.example.org"]
    reasoning = {"enabled": True, "max_tokens": 4000, "effort": "high"}
    options: dict[str, dict[str, Any]] = {
        "openai": {
            "max_tool_calls": 12,
            "parallel_tool_calls": False,
            "reasoning_effort": "effort-of-tomorrow",
            "prompt_cache_key": "a key that is longer than the field that shows it is",
            "service_tier": "flex",
            "web_search_enabled": True,
            "allowed_domains": [*domains, *(f"d{n}.example.net" for n in range(9))],
            "logit_bias": {"50256": -100},
        },
        "azure": {},
        "google": {"thinking_config": {"thinking_budget": 0, "include_thoughts": True}},
        "openai-compat": {"reasoning_effort": "none"},
        "openrouter": {"reasoning": reasoning},
        "vercel": {"reasoning": {"exclude": True}},
        "bedrock": {"allowed_domains": domains, "blocked_domains": domains[:1]},
        "local": {},
        "scripted": {},
    }
    types = list(options)
    return Catalogue(
        tuple(
            _model(
                f"o{n}",
                f"model-of-{name}",
                f"q{n}",
                settings={"provider_options": {OPTION_FAMILIES[name]: options[name]}}
                if options[name]
                else None,
            )
            for n, name in enumerate(types)
        ),
        tuple(_provider(f"q{n}", t, t, t, keys=1) for n, t in enumerate(types)),
        server="coder.example.com",
    )


def text(views: dict[str, Any]) -> str:
    """Views as the page's tests read them."""
    dumped = {name: view.dump() for name, view in views.items()}
    return json.dumps(dumped, indent=1, ensure_ascii=False) + "\n"


def _provider(
    provider_id: str, type_name: str, name: str, title: str, *, keys: int = 0
) -> AIProvider:
    body: dict[str, Any] = {
        "id": provider_id,
        "type": type_name,
        "name": name,
        "display_name": title,
    }
    body |= {"enabled": True, "base_url": "https://llm.example.com/v1"}
    body |= {"api_keys": [{"id": "k", "masked": "..."}] * keys, "updated_at": AT}
    return AIProvider.model_validate_json(json.dumps(body))


def _model(
    model_id: str,
    name: str,
    provider_id: str,
    *,
    prices: tuple[str, ...] = (),
    settings: dict[str, Any] | None = None,
    default: bool = False,
    enabled: bool = True,
    limit: int = 200_000,
) -> ModelConfig:
    kinds = ("input", "output", "cache_read", "cache_write")
    cost = {
        f"{kind}_price_per_million_tokens": price
        for kind, price in zip(kinds, prices, strict=False)
    }
    body: dict[str, Any] = {
        "id": model_id,
        "provider": "anthropic",
        "ai_provider_id": provider_id,
    }
    body |= {"model": f"{name}-1", "display_name": name, "context_limit": limit}
    body |= {"enabled": enabled, "is_default": default, "updated_at": AT}
    if cost or settings:
        body["model_config"] = {**(settings or {}), **({"cost": cost} if cost else {})}
    return ModelConfig.model_validate_json(json.dumps(body))


if __name__ == "__main__":
    (FOLDER / "cost-views.json").write_text(text(cost_views()), "utf-8")
    (FOLDER / "editor-views.json").write_text(text(editor_views()), "utf-8")
