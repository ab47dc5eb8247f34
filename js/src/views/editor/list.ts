/** The left side: models and providers, and the ways to more of them. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { EditorView, ModelRow, ProviderRow } from "../../bridge/generated.js";
import { button, iconButton } from "../../dom/controls.js";
import { type IconName, icon } from "../../dom/icons.js";
import type { Actions } from "./actions.js";
import { draftOf, type EditorState, type Kind, opened } from "./state.js";

/** Fewer rows than this are found by looking. */
const SEARCH_FROM = 8;

const MARKS: Record<ModelRow["mark"], { icon: IconName; tone: string }> = {
  default: { icon: "star", tone: "" },
  on: { icon: "check", tone: "cc-ok" },
  off: { icon: "close", tone: "cc-muted" },
  no_price: { icon: "alert", tone: "cc-warn" },
  no_key: { icon: "key", tone: "cc-warn" },
};

export function list(
  view: EditorView,
  state: EditorState,
  actions: Actions,
): TemplateResult {
  const many = view.models.length + view.providers.length >= SEARCH_FROM;
  const models = view.models.filter(matches(state.filter));
  const providers = view.providers.filter(matches(state.filter));
  return html`<nav class="cc-editor-list" aria-label="Models and providers" @keydown=${rove}>
    ${many ? search(state, actions) : nothing}
    ${view.read_only === null && view.providers_problem === null ? connect(view, state, actions) : nothing}
    ${group("Models", "model", models, view, state, actions)}
    ${group("Providers", "provider", providers, view, state, actions)}
  </nav>`;
}

function matches(filter: string): (row: ModelRow | ProviderRow) => boolean {
  const wanted = filter.trim().toLowerCase();
  return ({ title, subtitle }) => `${title} ${subtitle}`.toLowerCase().includes(wanted);
}

function search(state: EditorState, actions: Actions): TemplateResult {
  return html`<div class="cc-editor-find">
    ${icon("search")}
    <input
      class="cc-input"
      type="search"
      placeholder="Find"
      aria-label="Find"
      .value=${state.filter}
      @input=${(event: Event) => actions.filter((event.target as HTMLInputElement).value)}
    />
  </div>`;
}

function connect(
  view: EditorView,
  state: EditorState,
  actions: Actions,
): TemplateResult {
  const now = opened(view, state).kind === "endpoint";
  return html`<div class="cc-editor-connect ${now ? "cc-editor-row-on" : ""}">
    ${button({
      label: "Connect an endpoint",
      icon: "link",
      onPress: () => actions.open({ kind: "endpoint", id: null }),
      title: "Ollama, vLLM, llama.cpp, a vendor: address, key and model in one form",
      extra: "cc-editor-connect-button",
    })}
  </div>`;
}

function group(
  title: string,
  kind: Exclude<Kind, "endpoint">,
  rows: readonly (ModelRow | ProviderRow)[],
  view: EditorView,
  state: EditorState,
  actions: Actions,
): TemplateResult {
  const none =
    kind === "provider" && view.providers_problem !== null
      ? "Not shown by this server"
      : state.filter
        ? "No match"
        : "None yet";
  const needsProvider = kind === "model" && view.providers.length === 0;
  return html`<div class="cc-editor-group">
      <h3 class="cc-editor-group-title">${title}</h3>
      ${
        view.read_only === null && view.providers_problem === null
          ? iconButton({
              icon: "plus",
              label: kind === "model" ? "Add model" : "Add provider",
              blocked: needsProvider ? "Add a provider first" : undefined,
              onPress: () => actions.open({ kind, id: null }),
            })
          : nothing
      }
    </div>
    ${
      rows.length === 0
        ? html`<p class="cc-editor-none">${none}</p>`
        : html`<ul class="cc-editor-rows" role="list">
            ${rows.map((row) => item(row, kind, view, state, actions))}
          </ul>`
    }`;
}

function item(
  row: ModelRow | ProviderRow,
  kind: Kind,
  view: EditorView,
  state: EditorState,
  actions: Actions,
): TemplateResult {
  const now = opened(view, state);
  const isOpen = now.kind === kind && now.id === row.id;
  const { icon: shape, tone } = MARKS[row.mark];
  const draft = draftOf(state, { kind, id: row.id });
  const isChanged = Object.keys(draft.values).length > 0;
  return html`<li>
    <button
      type="button"
      class="cc-editor-row ${isOpen ? "cc-editor-row-on" : ""}"
      aria-current=${isOpen ? "true" : nothing}
      @click=${() => actions.open({ kind, id: row.id })}
    >
      ${icon(shape, tone)}
      <span class="cc-editor-row-title">${row.title}</span>
      <span class="cc-editor-row-state">${isChanged ? "changed" : row.state}</span>
      <span class="cc-editor-row-sub">${row.subtitle}</span>
    </button>
  </li>`;
}

/** Up and down walk the rows, as in any list. */
function rove(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const from = event.target as HTMLElement;
  if (step === undefined || !from.matches(".cc-editor-row")) return;
  event.preventDefault();
  event.stopPropagation();
  const nav = event.currentTarget as HTMLElement;
  const rows = [...nav.querySelectorAll<HTMLElement>(".cc-editor-row")];
  rows[rows.indexOf(from) + step]?.focus();
}
