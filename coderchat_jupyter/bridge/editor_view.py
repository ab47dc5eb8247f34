"""What the page is shown of models and providers, and what it may ask for.

An API key goes up in an intent and never comes down: no view, reply or error holds one.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, SecretStr, TypeAdapter

from coderchat_jupyter.bridge._base import BridgeModel
from coderchat_jupyter.bridge.forms import FormField

__all__ = [
    "EDITOR_INTENT",
    "AddEndpoint",
    "ClearKey",
    "DeleteModel",
    "DeleteProvider",
    "EditorIntent",
    "EditorView",
    "FormSet",
    "KeptSetting",
    "MakeDefault",
    "ModelRow",
    "Outcome",
    "Preset",
    "ProviderRow",
    "RefreshEditor",
    "SaveModel",
    "SaveProvider",
    "ValidateForm",
]


class KeptSetting(BridgeModel):
    """A setting that no field shows and a save sends back; `value` is JSON."""

    path: str
    value: str


class ModelRow(BridgeModel):
    """A model config. `base` is the time of its last change, to notice another's.

    `provider` is what the server calls its provider, for who may not list providers.
    A path that is not in `values` is blank.
    """

    id: str
    title: str
    subtitle: str
    mark: Literal["default", "on", "off", "no_price", "no_key"]
    state: str
    provider: str
    values: dict[str, str]
    kept: tuple[KeptSetting, ...] = ()
    base: str


class ProviderRow(BridgeModel):
    """A provider. Of its keys the page learns only whether there is one."""

    id: str
    title: str
    subtitle: str
    mark: Literal["on", "off", "no_key"]
    state: str
    has_key: bool
    needs_key: bool
    models: int
    values: dict[str, str]
    base: str


class Preset(BridgeModel):
    """A start for an endpoint of a known kind: values for its form."""

    name: str
    label: str
    hint: str
    key: Literal["optional", "required"]
    values: dict[str, str]


class FormSet(BridgeModel):
    """The forms, and what those start from that make something new.

    `families` says whose options a type of provider takes; fields of other families
    are not shown, and types that are not in it take none.
    """

    model: tuple[FormField, ...]
    provider: tuple[FormField, ...]
    endpoint: tuple[FormField, ...]
    families: dict[str, str]
    new_model: dict[str, str]
    new_provider: dict[str, str]
    presets: tuple[Preset, ...]


class EditorView(BridgeModel):
    """The whole of what a ModelConfigEditor shows.

    `read_only` is None, or why nothing can be changed. `providers_problem` says why the
    list of providers is empty where that is not because there are none.
    """

    phase: Literal["loading", "ready", "failed"] = "loading"
    notice: str = ""
    """What is waited for, while there is nothing to show."""
    problem: str | None = None
    refreshing: bool = False
    read_only: str | None = None
    providers_problem: str | None = None
    server: str = ""
    models: tuple[ModelRow, ...] = ()
    providers: tuple[ProviderRow, ...] = ()
    forms: FormSet | None = None


class Outcome(BridgeModel):
    """What became of a form: what it was saved as, or why it was not.

    `errors` has a sentence per path; the empty path is the form as a whole. `conflict`
    means that somebody else changed the thing since it was read.
    """

    id: str | None = None
    errors: dict[str, str] = Field(default_factory=dict)
    conflict: bool = False


class RefreshEditor(BridgeModel):
    """Read models and providers again."""

    op: Literal["refresh_editor"] = "refresh_editor"


class ValidateForm(BridgeModel):
    """Say what is wrong with these values; nothing is sent anywhere."""

    op: Literal["validate_form"] = "validate_form"
    form: Literal["model", "provider", "endpoint"]
    values: dict[str, str]


class SaveModel(BridgeModel):
    """Create a model config (`id` None) or change one, as far as `base` still holds."""

    op: Literal["save_model"] = "save_model"
    id: str | None = None
    base: str = ""
    values: dict[str, str]
    overwrite: bool = False


class SaveProvider(BridgeModel):
    """Create a provider (`id` None) or change one; `api_key` None keeps its key."""

    op: Literal["save_provider"] = "save_provider"
    id: str | None = None
    base: str = ""
    values: dict[str, str]
    api_key: SecretStr | None = None
    overwrite: bool = False


class AddEndpoint(BridgeModel):
    """Make a provider and a model of it in one go, or neither."""

    op: Literal["add_endpoint"] = "add_endpoint"
    preset: str = ""
    values: dict[str, str]
    api_key: SecretStr | None = None


class ClearKey(BridgeModel):
    """Take every key of a provider away."""

    op: Literal["clear_key"] = "clear_key"
    id: str


class MakeDefault(BridgeModel):
    """Let new chats use this model."""

    op: Literal["make_default"] = "make_default"
    id: str


class DeleteModel(BridgeModel):
    """Delete a model config."""

    op: Literal["delete_model"] = "delete_model"
    id: str


class DeleteProvider(BridgeModel):
    """Delete a provider; its models stay and cannot run."""

    op: Literal["delete_provider"] = "delete_provider"
    id: str


EditorIntent: TypeAlias = Annotated[
    RefreshEditor
    | ValidateForm
    | SaveModel
    | SaveProvider
    | AddEndpoint
    | ClearKey
    | MakeDefault
    | DeleteModel
    | DeleteProvider,
    Field(discriminator="op"),
]

# A union does not take over what its members hide: an intent may hold a key.
EDITOR_INTENT: Final[TypeAdapter[EditorIntent]] = TypeAdapter(
    EditorIntent, config=ConfigDict(hide_input_in_errors=True)
)
