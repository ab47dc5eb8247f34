"""What another server keeps in a model survives an edit of something else."""

from __future__ import annotations

from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.models import UpdateModelConfig
from tests.fakes.recorded_server import TOKEN, recorded

MODEL: Final = ModelConfigId("4a4f3cf4-6c3c-4c0c-9b53-0f3d4d0f7a10")
PRICE: Final = "input_price_per_million_tokens"

STORED: Final[dict[str, dict[str, Any]]] = {
    "unknown keys at every level": {
        "temperature": 0.5,
        "zz_setting": {"deep": [None, 1.5]},
        "cost": {PRICE: "3.50", "zz_price": "1"},
        "provider_options": {
            "openai": {"reasoning_effort": "hardest", "zz": None, "metadata": {}},
            "zz_family": {"a": {"b": 1}},
        },
    },
    "prices beside the settings": {"temperature": 0.5, PRICE: "3.5", "zz": 1},
    "prices beside a cost that is none": {"temperature": 0.5, PRICE: "3", "cost": "?"},
    "settings of another type": {
        "temperature": 0.5,
        "top_k": "many",
        "provider_options": {"openai": {"store": "perhaps"}, "google": 7},
    },
}


async def _sent(stored: dict[str, Any], **edit: Any) -> Any:
    """The body that leaves after a model was read and edited."""
    body = {"id": MODEL, "model": "m", "model_config": stored}
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        server.answer("GET", "/chats/model-configs", body=[body])
        server.answer("PATCH", f"/chats/model-configs/{MODEL}", body=body)
        (read,) = await client.model_configs.list()
        assert read.call_config is not None
        edited = read.call_config.model_copy(update=edit)

        await client.model_configs.update(MODEL, UpdateModelConfig(call_config=edited))

    (sent,) = [one.json for one in server.asked if one.method == "PATCH"]
    return sent


@pytest.mark.parametrize("stored", list(STORED.values()), ids=list(STORED))
async def test_an_edit_of_one_setting_sends_the_others_as_they_were(
    stored: dict[str, Any],
) -> None:
    """The body replaces the whole object: what is not in it is lost."""
    assert await _sent(stored, temperature=1.0) == {
        "model_config": {**stored, "temperature": 1}
    }


@pytest.mark.parametrize("chosen", [40, None])
async def test_a_setting_of_another_type_gives_way_to_one_that_is_set(
    chosen: int | None,
) -> None:
    """What could not be read must not come back in place of what was chosen."""
    stored = STORED["settings of another type"]

    assert await _sent(stored, top_k=chosen) == {
        "model_config": {**stored, "top_k": chosen}
    }
