"""Each release is asked for all that it has, and for nothing that it lacks."""

from __future__ import annotations

from typing import Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import UnsupportedError
from tests.client.method_rows import ID, MODEL_BODY, Row
from tests.client.method_table import G1, SOCKETS
from tests.client.test_method_table import STATUS, filled, methods
from tests.fakes.recorded_server import TOKEN, USER, RecordedServer, recorded

EXPERIMENTAL: Final = "/api/experimental"
STABLE: Final = "/api/v2"
ORGANIZATION: Final = f"/api/v2/organizations/{USER['organization_ids'][0]}"

PROVIDERS: Final = {
    "ListChatProviders",
    "CreateChatProvider",
    "UpdateChatProvider",
    "DeleteChatProvider",
    "ListUserChatProviderConfigs",
    "UpsertUserChatProviderKey",
    "DeleteUserChatProviderKey",
}
NEW_IN_34: Final = {
    "ListUserAIProviderKeyConfigs",
    "UpsertUserAIProviderKey",
    "DeleteUserAIProviderKey",
    "GetChatPersonalModelOverridesAdminSettings",
    "UpdateChatPersonalModelOverridesAdminSettings",
    "GetUserChatPersonalModelOverrides",
    "UpdateUserChatPersonalModelOverride",
    "GetChatComputerUseProvider",
    "UpdateChatComputerUseProvider",
    "GetChatAdvisorConfig",
    "UpdateChatAdvisorConfig",
    "GetChatDebugRetentionDays",
    "UpdateChatDebugRetentionDays",
    "GetChatACL",
    "UpdateChatACL",
    "GetChatPrompts",
}
NEW_IN_33: Final = {
    "GetChatPlanModeInstructions",
    "UpdateChatPlanModeInstructions",
    "GetChatDebugLogging",
    "UpdateChatDebugLogging",
    "GetUserChatDebugLogging",
    "UpdateUserChatDebugLogging",
    "GetChatRetentionDays",
    "UpdateChatRetentionDays",
    "GetChatAutoArchiveDays",
    "UpdateChatAutoArchiveDays",
    "GetChatDebugRuns",
    "GetChatDebugRun",
    "SubmitToolResults",
    "ProposeChatTitle",
    "GetChatModelOverride",
    "UpdateChatModelOverride",
}
GONE_IN_35: Final = {"GetChatDesktopEnabled", "UpdateChatDesktopEnabled"}
GONE_IN_37: Final = {
    "GetChatCostSummary",
    "GetChatCostUsers",
    "GetChatTemplateAllowlist",
    "UpdateChatTemplateAllowlist",
} | {name for name in G1 if "UsageLimit" in name}
LATER: Final = PROVIDERS | GONE_IN_35

# An edit that names a model needs v2.34 as well.
LACKS: Final[dict[str, set[str]]] = {
    "v2.32.4": NEW_IN_33 | NEW_IN_34 | {"EditChatMessage"},
    "v2.33.9": NEW_IN_34 | {"EditChatMessage"},
    "v2.34.0": PROVIDERS,
    "v2.35.1": LATER,
    "v2.36.0": LATER,
    "v2.37.0": LATER | GONE_IN_37,
    "v2.38.0": LATER | GONE_IN_37 | {"RegenerateChatTitle"},
}


def prepare(server: RecordedServer, name: str, row: Row) -> None:
    """Let the server have a call at the place where v2.34 has it."""
    method = methods("g1")[name]
    path, _ = filled(method["path"], row.holes)
    if name in SOCKETS:
        server.answer("GET", path, 200, [])
    elif row.answer is not None or method["ok"] == "NoContent":
        server.answer(method["http"], path, STATUS[method["ok"]], row.answer)
    if "/model-override/" in path:
        older = path.replace("model-override", "agent-model-override")
        body = {"context": row.holes[0], "model_config_id": ""}
        server.answer("GET", older, 200, body)
        server.answer("PUT", older, 204)


def move_models(server: RecordedServer) -> None:
    """What v2.37 and later have in place of the models of a deployment."""
    for path in (
        "model-configs",
        "model-configs/{}",
        "models",
        "config/model-override/{}",
    ):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            server.answer(
                method, f"/chats/{path}", 404, {"message": "Route not found."}
            )
    chats = f"{ORGANIZATION}/chats"
    server.answer("GET", f"{chats}/models", 200, {"models": [], "providers": []})
    server.answer("POST", f"{chats}/models", 201, MODEL_BODY)
    server.answer("PATCH", f"{chats}/models/{ID}", 200, MODEL_BODY)
    server.answer("DELETE", f"{chats}/models/{ID}", 204)
    server.answer("GET", f"{chats}/model-overrides", 200, {"overrides": []})
    server.answer("PUT", f"{chats}/model-overrides/general", 200, {})
    own = f"{ORGANIZATION}/members/me/chats/model-overrides"
    server.answer("GET", own, 200, {"enabled": True})
    server.answer("PUT", f"{own}/root", 204)


@pytest.mark.parametrize("release", LACKS)
async def test_each_call_is_answered_or_said_to_be_missing(release: str) -> None:
    """Nothing else can happen to it, on any release."""
    moved = release >= "v2.37"
    bases = (STABLE, EXPERIMENTAL) if moved else (EXPERIMENTAL,)
    record = "v2.33.9" if release < "v2.34" else "v2.34.0"
    missing = set()
    async with (
        recorded(record, version=release, bases=bases) as server,
        Client(server.url, TOKEN) as client,
    ):
        for name, row in G1.items():
            prepare(server, name, row)
        if moved:
            move_models(server)
        if release == "v2.38.0":
            path = f"/chats/{ID}/title/regenerate"
            server.answer("POST", path, 404, {"message": "Route not found."})
        await client.server.generation()

        for name, row in G1.items():
            try:
                await row.call(client)
            except UnsupportedError as error:
                assert error.server_version == release
                missing.add(name)

    assert missing == LACKS[release]
