"""The page's types come from the models."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from coderchat_jupyter.bridge import schema
from coderchat_jupyter.bridge.intents import CHAT_INTENT, Send, Stop
from coderchat_jupyter.bridge.messages import IntentMessage
from coderchat_jupyter.bridge.view import ChatView

CHECKOUT = Path(__file__).parent.parent.parent


def test_the_committed_types_are_what_the_models_say() -> None:
    """Run `npm run generate` in js/ after a change of a model."""
    written = (CHECKOUT / schema.TARGET).read_text(encoding="utf-8")

    assert written == schema.typescript()


def test_an_intent_is_told_by_its_op() -> None:
    """The list of things a page can do is closed."""
    assert CHAT_INTENT.validate_python({"op": "stop"}) == Stop()
    sent = CHAT_INTENT.validate_python({"op": "send", "text": "Hi"})
    assert sent == Send(text="Hi")


@pytest.mark.parametrize(
    "content",
    [
        {"op": "erase"},
        {"op": "send"},
        {"op": "send", "text": "Hi", "secret": "s3cr3t"},
        {"op": "delete_queued", "queued_id": "s3cr3t"},
    ],
)
def test_what_is_refused_is_never_quoted(content: dict[str, object]) -> None:
    """It may hold a key, and errors end up in logs."""
    with pytest.raises(ValidationError) as refused:
        CHAT_INTENT.validate_python(content)

    assert "s3cr3t" not in str(refused.value)


def test_fields_that_the_other_side_does_not_know_are_a_mistake() -> None:
    """Kernel and page come in one wheel."""
    with pytest.raises(ValidationError):
        IntentMessage.model_validate(
            {"kind": "intent", "id": "1", "intent": {}, "x": 1}
        )
    with pytest.raises(ValidationError):
        ChatView.model_validate({"surprise": True})
