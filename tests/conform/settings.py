"""The conversations of the record that are about settings, models and bad requests."""

from __future__ import annotations

from typing import Any, Final

from tests.conform.player import Player, words

__all__ = ["config_endpoints", "create_validation", "model_configs"]

_UNKNOWN: Final = "11111111-1111-4111-8111-111111111111"
_ZERO: Final = "00000000-0000-0000-0000-000000000000"
_CONFIG: Final = "/chats/config"


def _settings(model: str) -> dict[str, list[dict[str, Any]]]:
    """Each setting, and what it is changed to."""
    return {
        "system-prompt": [
            {"system_prompt": "Be kind.", "include_default_system_prompt": False},
            {"system_prompt": ""},
        ],
        "plan-mode-instructions": [
            {"plan_mode_instructions": "Plan well."},
            {"plan_mode_instructions": ""},
        ],
        "model-override/general": [
            {"model_config_id": chosen} for chosen in ("x", _ZERO, model, "")
        ],
        "model-override/explore": [],
        "model-override/title_generation": [],
        "model-override/odd": [{"model_config_id": ""}],
        "personal-model-overrides": [{"allow_users": True}],
        "user-personal-model-overrides": [],
        "user-prompt": [{"custom_prompt": "Speak plainly."}, {"custom_prompt": ""}],
        "desktop-enabled": [{"enable_desktop": True}, {"enable_desktop": False}],
        "advisor": [
            {
                "enabled": True,
                "max_uses_per_run": 2,
                "max_output_tokens": 100,
                "model_config_id": _ZERO,
            },
            {"enabled": True, "max_uses_per_run": -1},
            {"enabled": False},
        ],
        "computer-use-provider": [
            {"provider": name} for name in ("openai", "x", "anthropic")
        ],
        "workspace-ttl": [{"workspace_ttl_ms": ms} for ms in (60_000, 1, -1, 0)],
        "retention-days": [{"retention_days": days} for days in (7, 4000, 30)],
        "debug-retention-days": [{"debug_retention_days": days} for days in (-1, 30)],
        "auto-archive-days": [{"auto_archive_days": days} for days in (5, 0)],
        "template-allowlist": [{"template_ids": ["x"]}, {"template_ids": []}],
        "user-compaction-thresholds": [],
        "debug-logging": [{"allow_users": True}],
        "user-debug-logging": [
            {"debug_logging_enabled": True},
            {"debug_logging_enabled": False},
        ],
    }


async def config_endpoints(player: Player) -> None:
    """Read every setting, change it, read it again."""
    for path, bodies in _settings(player.model).items():
        await player.call("GET", f"{_CONFIG}/{path}")
        for body in bodies:
            await player.call("PUT", f"{_CONFIG}/{path}", body)
            await player.call("GET", f"{_CONFIG}/{path}")
    own = f"{_CONFIG}/user-personal-model-overrides"
    for context, body in (
        ("root", {"mode": "model", "model_config_id": player.model}),
        ("root", {"mode": "deployment_default"}),
        ("general", {"mode": "chat_default"}),
        ("general", {"mode": "model", "model_config_id": ""}),
        ("odd", {"mode": "chat_default"}),
        ("root", {"mode": "chat_default"}),
    ):
        await player.call("PUT", f"{own}/{context}", body)
    await player.call("GET", own)
    limits = f"{_CONFIG}/user-compaction-thresholds"
    for model, percent in (
        (player.model, 55),
        (player.model, 101),
        (_UNKNOWN, 5),
        ("x", 5),
    ):
        body = {"threshold_percent": percent}
        await player.call("PUT", f"{limits}/{model}", body)
    await player.call("GET", limits)
    for _ in range(2):
        await player.call("DELETE", f"{limits}/{player.model}")


async def model_configs(player: Player) -> None:
    """Make, change and delete a model; then the providers of old and new."""
    base = {
        "ai_provider_id": player.provider,
        "model": "fake-2",
        "context_limit": 8192,
    }
    path = "/chats/model-configs"
    full = {
        "temperature": 0.5,
        "cost": {
            "input_price_per_million_tokens": "3",
            "output_price_per_million_tokens": 15.25,
        },
        "provider_options": {"openaicompat": {"reasoning_effort": "low"}},
    }
    made = await player.call(
        "POST", path, {**base, "display_name": "Two", "model_config": full}
    )
    minus = {"cost": {"input_price_per_million_tokens": "-1"}}
    legacy = {"input_price_per_million_tokens": "1.5"}
    for body in (
        {**base, "model": " "},
        _without(base, "context_limit"),
        {**base, "context_limit": 0},
        {**base, "compression_threshold": 101},
        {**base, "model_config": minus},
        _without(base, "ai_provider_id"),
        {**base, "ai_provider_id": _UNKNOWN},
        {**base, "model": "fake-legacy", "model_config": legacy},
    ):
        await player.call("POST", path, body)
    price = {"cost": {"cache_read_price_per_million_tokens": "0.3"}}
    for body in (
        {"display_name": "Zwei"},
        {"display_name": ""},
        {"enabled": False},
        {"compression_threshold": 0},
        {"compression_threshold": -1},
        {"is_default": True},
        {"is_default": False},
        {"model_config": price},
        {"provider": "anthropic"},
    ):
        await player.call("PATCH", f"{path}/{made['id']}", body)
    await player.call("GET", path)
    await player.call("GET", "/chats/models")
    for _ in range(2):
        await player.call("DELETE", f"{path}/{made['id']}")
    await player.call("PATCH", f"{path}/x", {})
    await player.call("PATCH", f"{path}/{player.model}", {"is_default": True})
    await player.call("GET", "/chats/providers")
    await player.call("POST", "/chats/providers", {})
    await player.call("GET", "/chats/user-provider-configs")
    keys = "/users/me/ai-provider-keys"
    await player.call("GET", keys)
    for key in ("sk-test", " "):
        await player.call("PUT", f"{keys}/{player.provider}", {"api_key": key})
    await player.call("DELETE", f"{keys}/{player.provider}")


async def create_validation(player: Player) -> None:
    """Everything that is wrong with a new chat, one thing at a time."""
    base = {
        "organization_id": player.organization,
        "model_config_id": player.model,
        **words("#hello x"),
    }
    for patch in _PATCHES:
        body = {**base, **patch}
        body = {name: value for name, value in body.items() if value is not None}
        await player.call("POST", "/chats", body)
    headers = {"Content-Type": "application/json"}
    large = b'{"content":"' + b"x" * 300_000 + b'"}'
    for raw in (b"{not json", large):
        await player.call("POST", "/chats", raw=raw, headers=headers)
    for wrong in ("not-a-uuid", _UNKNOWN):
        await player.call("GET", f"/chats/{wrong}")


_REFERENCE: Final = {
    "type": "file-reference",
    "start_line": 1,
    "end_line": 2,
    "content": "x",
}

_PATCHES: Final[list[dict[str, Any]]] = [
    {"content": None},
    {"content": []},
    {"content": [{"type": "text", "text": "  "}]},
    {"content": [{"type": "poem", "text": "x"}]},
    {"content": [{"type": " TEXT ", "text": " hi #hello "}]},
    {"content": [{"type": "file"}]},
    {"content": [{"type": "file", "file_id": _UNKNOWN}]},
    {"content": [_REFERENCE]},
    {"organization_id": None},
    {"organization_id": _UNKNOWN},
    {"model_config_id": _ZERO},
    {"model_config_id": _UNKNOWN},
    {"plan_mode": "maybe"},
    {"client_type": "cli"},
    {"workspace_id": _UNKNOWN},
    {"labels": {"-x": "1"}},
    {"labels": {"x": ""}},
    {"labels": {"x": "v" * 257}},
    {"labels": {f"k{number}": "v" for number in range(51)}},
    {"mcp_server_ids": [_UNKNOWN]},
    {"system_prompt": "x" * 10_001},
    {"unsafe_dynamic_tools": [{"name": "", "input_schema": {}}]},
    {"unsafe_dynamic_tools": [{"name": "a", "input_schema": {}}] * 2},
    {
        "unsafe_dynamic_tools": [
            {"name": f"t{number}", "input_schema": {}} for number in range(251)
        ]
    },
    {"surprise": 1},
]


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}
