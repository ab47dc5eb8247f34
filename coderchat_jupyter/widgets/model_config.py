"""The editor of models and providers: a window on what a server has set up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from coderchat_jupyter.bridge.editor import editor_view
from coderchat_jupyter.bridge.editor_twin import (
    editor_html,
    editor_markdown,
    editor_plain,
    editor_summary,
)
from coderchat_jupyter.bridge.editor_view import (
    EDITOR_INTENT,
    AddEndpoint,
    ClearKey,
    DeleteModel,
    DeleteProvider,
    EditorIntent,
    EditorView,
    MakeDefault,
    Outcome,
    RefreshEditor,
    SaveModel,
    SaveProvider,
    ValidateForm,
)
from coderchat_jupyter.bridge.form_values import parse
from coderchat_jupyter.bridge.model_form import (
    ENDPOINT_FIELDS,
    provider_fields,
)
from coderchat_jupyter.bridge.model_settings import parse_model
from coderchat_jupyter.errors import CoderChatError
from coderchat_jupyter.session import background, default_client
from coderchat_jupyter.widgets._base import BridgeWidget
from coderchat_jupyter.widgets._editing import Editing
from coderchat_jupyter.widgets._farewell import freeze_at_exit
from coderchat_jupyter.widgets._twins import Cells, await_first_look

if TYPE_CHECKING:
    from coderchat_jupyter.client import Client

__all__ = ["ModelConfigEditor"]


class ModelConfigEditor(BridgeWidget[EditorView]):
    """Lists, adds and edits the models and providers of a server.

    Returns at once and fills in when the server has answered. An API key goes from the
    form to the server; it is in no trait, view, reply, error or saved notebook.

    Args:
        client: The server; None is the one that `%chat` talks to.
    """

    kind = "editor"

    def __init__(self, client: Client | None = None) -> None:
        super().__init__(EditorView())
        self._client = client
        self._turn = asyncio.Lock()
        self._cells = Cells()
        self._loading = background().submit(self._load())

    def __repr__(self) -> str:
        return f"<ModelConfigEditor: {editor_summary(self.present())}>"

    def close(self) -> None:
        """Stop reading, then let go of every page."""
        self._loading.cancel()
        super().close()

    def mimebundle(self) -> dict[str, Any]:
        """What a cell shows, by type: the live view, and its static twins."""
        bundle = super()._repr_mimebundle_()
        live = bundle[0] if bundle is not None else {}
        view = self.present()
        return {
            **live,
            "text/plain": editor_plain(view),
            "text/markdown": editor_markdown(view),
            "text/html": editor_html(view),
        }

    def freeze(self) -> None:
        """Replace the widget in its cells by a list that needs no kernel."""
        bundle = self.mimebundle()
        texts = {kind: bundle[kind] for kind in bundle if kind.startswith("text/")}
        self._cells.freeze(texts)

    async def handle(self, intent: dict[str, Any]) -> dict[str, Any]:
        """Do what the form asks; the outcome says what is wrong with it."""
        return (await self._do(EDITOR_INTENT.validate_python(intent))).dump()

    async def _do(self, intent: EditorIntent) -> Outcome:
        match intent:
            case ValidateForm():
                return Outcome(errors=_errors(intent))
            case RefreshEditor():
                await self._load()
                return Outcome()
            case _:
                # One change at a time: a form is checked against what it was read from.
                async with self._turn:
                    outcome = await self._change(await self._editing(), intent)
                await self._load()
                return outcome

    def _change(
        self, editing: Editing, intent: EditorIntent
    ) -> Coroutine[Any, Any, Outcome]:
        match intent:
            case SaveModel():
                return editing.save_model(intent)
            case SaveProvider():
                return editing.save_provider(intent)
            case AddEndpoint():
                return editing.add_endpoint(intent)
            case ClearKey():
                return editing.clear_key(intent.id)
            case MakeDefault():
                return editing.make_default(intent.id)
            case DeleteModel():
                return editing.delete_model(intent.id)
            case DeleteProvider():
                return editing.delete_provider(intent.id)
            case _:
                raise ValueError(f"{type(intent).__name__} changes nothing.")

    async def _editing(self) -> Editing:
        # May start our own server, which takes its time: not on the loop.
        client = self._client
        if client is None:
            client = await asyncio.to_thread(default_client, on_progress=self._tell)
        return Editing(client)

    def _tell(self, progress: str) -> None:
        """Say how the start of our own server goes. Called on a thread of its own."""
        view = self.present()
        if view.phase == "loading":
            self.publish(view.model_copy(update={"notice": progress}))

    async def _load(self) -> None:
        """Read everything and show it; what was shown stays when that fails."""
        self.publish(self.present().model_copy(update={"refreshing": True}))
        try:
            catalogue = await (await self._editing()).catalogue()
        except CoderChatError as error:
            before = self.present()
            phase = "ready" if before.phase == "ready" else "failed"
            problem = {"phase": phase, "problem": str(error), "refreshing": False}
            self.publish(before.model_copy(update=problem))
        else:
            self.publish(editor_view(catalogue), is_urgent=True)
        # For hosts that save the widget's state with the notebook.
        self.save()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        await_first_look(self._loading)
        return self.mimebundle(), {}

    def _ipython_display_(self, **_: Any) -> None:
        await_first_look(self._loading)
        self._cells.show(self.mimebundle())
        freeze_at_exit(self)


def _errors(intent: ValidateForm) -> dict[str, str]:
    match intent.form:
        case "model":
            return parse_model(intent.values).errors
        case "endpoint":
            return parse(ENDPOINT_FIELDS, intent.values).errors
        case "provider":
            fields = provider_fields(intent.values.get("type"))
            return parse(fields, intent.values).errors
