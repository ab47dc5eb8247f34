"""How providers, keys and models of the Go clients are called here."""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.wire.keys import CreateChatProvider, UpdateChatProvider
from coderchat_jupyter.wire.models import (
    CreateModelConfig,
    UpdateModelConfig,
)
from tests.client.method_rows import ID, MODEL, MODEL_BODY, PROVIDER, Row

__all__ = ["MODELS"]

OLD: Final = "v2.33.9"
PROVIDER_BODY: Final = {"id": ID, "provider": "openai"}
PROVIDER_CHANGES: Final[dict[str, Any]] = {
    "display_name": "Mine",
    "api_key": "sk-1",
    "base_url": "https://llm.example.com",
    "enabled": True,
    "central_api_key_enabled": True,
    "allow_user_api_key": False,
    "allow_central_api_key_fallback": False,
}
MODEL_CHANGES: Final[dict[str, Any]] = {
    "provider": "openai",
    "ai_provider_id": ID,
    "model": "m",
    "display_name": "Mine",
    "enabled": True,
    "is_default": False,
    "context_limit": 1000,
    "compression_threshold": 70,
    "model_config": {"temperature": 0},
}

MODELS: Final[dict[str, Row]] = {
    "ListChatModels": Row(ours="models.list", call=lambda c: c.models.list()),
    "ListChatProviders": Row(
        ours="chat_providers.list",
        call=lambda c: c.chat_providers.list(),
        release=OLD,
    ),
    "CreateChatProvider": Row(
        ours="chat_providers.create",
        call=lambda c: c.chat_providers.create(
            CreateChatProvider.model_validate(
                {"provider": "openai", **PROVIDER_CHANGES}
            )
        ),
        request="CreateChatProviderConfigRequest",
        answer=PROVIDER_BODY,
        release=OLD,
    ),
    "UpdateChatProvider": Row(
        ours="chat_providers.update",
        call=lambda c: c.chat_providers.update(
            PROVIDER, UpdateChatProvider.model_validate(PROVIDER_CHANGES)
        ),
        holes=(ID,),
        request="UpdateChatProviderConfigRequest",
        answer=PROVIDER_BODY,
        release=OLD,
    ),
    "DeleteChatProvider": Row(
        ours="chat_providers.delete",
        call=lambda c: c.chat_providers.delete(PROVIDER),
        holes=(ID,),
        release=OLD,
    ),
    "ListUserAIProviderKeyConfigs": Row(
        ours="keys.list", call=lambda c: c.keys.list("ada"), holes=("ada",), answer=[]
    ),
    "UpsertUserAIProviderKey": Row(
        ours="keys.set",
        call=lambda c: c.keys.set(PROVIDER, "sk-1", user="ada"),
        holes=("ada", ID),
        request="CreateUserAIProviderKeyRequest",
        answer={"provider": {"id": ID}},
    ),
    "DeleteUserAIProviderKey": Row(
        ours="keys.delete",
        call=lambda c: c.keys.delete(PROVIDER, user="ada"),
        holes=("ada", ID),
    ),
    "ListUserChatProviderConfigs": Row(
        ours="keys.legacy_list",
        call=lambda c: c.keys.legacy_list(),
        release=OLD,
    ),
    "UpsertUserChatProviderKey": Row(
        ours="keys.legacy_set",
        call=lambda c: c.keys.legacy_set(PROVIDER, "sk-1"),
        holes=(ID,),
        request="CreateUserChatProviderKeyRequest",
        answer={"provider_id": ID},
        release=OLD,
    ),
    "DeleteUserChatProviderKey": Row(
        ours="keys.legacy_delete",
        call=lambda c: c.keys.legacy_delete(PROVIDER),
        holes=(ID,),
        release=OLD,
    ),
    "ListChatModelConfigs": Row(
        ours="model_configs.list", call=lambda c: c.model_configs.list()
    ),
    "CreateChatModelConfig": Row(
        ours="model_configs.create",
        call=lambda c: c.model_configs.create(
            CreateModelConfig.model_validate(MODEL_CHANGES)
        ),
        request="CreateChatModelConfigRequest",
        answer=MODEL_BODY,
    ),
    "UpdateChatModelConfig": Row(
        ours="model_configs.update",
        call=lambda c: c.model_configs.update(
            MODEL, UpdateModelConfig.model_validate(MODEL_CHANGES)
        ),
        holes=(ID,),
        request="UpdateChatModelConfigRequest",
        answer=MODEL_BODY,
    ),
    "DeleteChatModelConfig": Row(
        ours="model_configs.delete",
        call=lambda c: c.model_configs.delete(MODEL),
        holes=(ID,),
    ),
}
