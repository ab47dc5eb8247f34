/** The editor of models and providers: a list, a form, and what is not saved yet. */
import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Connection } from "../../bridge/connection.js";
import type { EditorIntent, EditorView } from "../../bridge/generated.js";
import { iconButton } from "../../dom/controls.js";
import { spinner } from "../../dom/icons.js";
import type { Undo } from "../../dom/part.js";
import { mountRoot } from "../../dom/root.js";
import type { Store } from "../../store/store.js";
import { type Actions, createActions, isDirty } from "./actions.js";
import { form } from "./form.js";
import { list } from "./list.js";
import { note } from "./notes.js";
import { saveBar } from "./save-bar.js";
import { createState, type EditorState, opened, rowOf } from "./state.js";

export function mountEditor(
  el: HTMLElement,
  store: Store<EditorView>,
  connection: Connection<EditorIntent>,
): Undo {
  const undoRoot = mountRoot(el, "cc-editor");
  el.classList.add("cc-frame");
  el.setAttribute("role", "region");
  el.setAttribute("aria-label", "Models and providers");
  const state = createState();
  const secret = () => el.querySelector<HTMLInputElement>("input[data-secret]");

  const actions = createActions({
    store,
    connection,
    state,
    draw,
    readKey: () => secret()?.value ?? "",
    focusKey: () => secret()?.focus(),
    focusFirstError() {
      const bad = el.querySelector<HTMLElement>(".cc-field-bad");
      const control = bad?.querySelector<HTMLElement>("input, select, button");
      (control ?? el.querySelector<HTMLElement>(".cc-note-err"))?.focus();
    },
  });

  function draw(): void {
    // A key that was sent or given up must not stay in an input that lives on.
    const input = secret();
    if (input !== null && !state.hasKey) input.value = "";
    render(page(store.view, state, actions), el);
    el.classList.toggle("cc-editor-at-form", state.pane === "form");
  }

  function onKey(event: KeyboardEvent): void {
    const isSave = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
    if (!isSave || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (store.view?.phase === "ready" && isDirty(store.view, state))
      void actions.save();
  }

  el.addEventListener("keydown", onKey);
  const undoStore = store.subscribe(() => {
    letGo(store.view, state);
    draw();
  });
  draw();
  return () => {
    undoStore();
    el.removeEventListener("keydown", onKey);
    undoRoot();
  };
}

/** What is open may be deleted elsewhere; a draft of it has nowhere to go. */
function letGo(view: EditorView | undefined, state: EditorState): void {
  const { open } = state;
  if (view?.phase !== "ready" || view.refreshing || open === null || open.id === null)
    return;
  if (rowOf(view, open) === undefined && !state.busy && state.said !== "Saved") {
    state.open = null;
    state.pane = "list";
  }
}

function page(
  view: EditorView | undefined,
  state: EditorState,
  actions: Actions,
): TemplateResult {
  const busy = view === undefined || view.refreshing || state.busy;
  return html`${head(view, state, busy, actions)}${body(view, state, actions)}
    <div class="cc-spoken" role="status">${state.said}</div>`;
}

function head(
  view: EditorView | undefined,
  state: EditorState,
  busy: boolean,
  actions: Actions,
): TemplateResult {
  return html`<div class="cc-head">
    <span class="cc-editor-back"
      >${iconButton({ icon: "chevronLeft", label: "Back to the list", onPress: actions.back })}</span
    >
    <span class="cc-head-title">Models and providers</span>
    ${state.said ? html`<span class="cc-editor-said" aria-hidden="true">${state.said}</span>` : nothing}
    ${view?.server ? html`<span class="cc-chip cc-editor-server">${view.server}</span>` : nothing}
    ${
      busy
        ? html`<span class="cc-editor-busy">${spinner()}</span>`
        : iconButton({
            icon: "refresh",
            label: "Read again",
            onPress: () => void actions.refresh(),
          })
    }
  </div>`;
}

function body(
  view: EditorView | undefined,
  state: EditorState,
  actions: Actions,
): TemplateResult {
  if (view === undefined || view.phase === "loading")
    return html`<div class="cc-editor-wait">${spinner()}<b>Reading models and providers</b
      ><span>${view?.notice ?? ""}</span></div>`;
  if (view.phase === "failed")
    return html`<div class="cc-editor-notes">
      ${note("err", "Models could not be read", view.problem ?? "", [
        { label: "Try again", onPress: () => void actions.refresh() },
      ])}
    </div>`;
  const open = opened(view, state);
  const arrives = open.id !== null && rowOf(view, open) === undefined;
  const dirty = view.read_only === null && isDirty(view, state);
  return html`<div class="cc-editor-panes">
      ${list(view, state, actions)}
      ${arrives ? html`<div class="cc-editor-wait">${spinner()}</div>` : form(view, state, open, actions)}
    </div>
    ${dirty && !arrives ? saveBar(view, state, open, actions) : nothing}`;
}
