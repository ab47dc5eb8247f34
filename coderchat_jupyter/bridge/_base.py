"""The base of every value that crosses to the page, and the text it carries."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    WithJsonSchema,
)

from coderchat_jupyter.state.text import TextBuffer

__all__ = ["BridgeModel", "Text"]


class BridgeModel(BaseModel):
    """A value that kernel and page exchange: frozen, and closed.

    Both sides come from one wheel, so a field that one of them does not know is a
    mistake. What is refused is never quoted: it may hold a key.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        protected_namespaces=(),
        json_schema_serialization_defaults_required=True,
    )

    def dump(self) -> dict[str, Any]:
        """As JSON values, for a message or a trait."""
        return self.model_dump(mode="json")


def _as_buffer(value: Any) -> Any:
    return TextBuffer(value) if isinstance(value, str) else value


Text: TypeAlias = Annotated[
    TextBuffer,
    BeforeValidator(_as_buffer),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string"}),
]
"""Text that may be long and grow: kept as pieces, so that what is new of it is known
without reading the rest."""
