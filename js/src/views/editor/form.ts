/** The right side: what is open, as a form made of the kernel's list of fields. */
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import type {
  Choice,
  EditorView,
  FormField,
  ProviderRow,
} from "../../bridge/generated.js";
import { segmented } from "../../dom/controls.js";
import type { Actions } from "./actions.js";
import { formField } from "./field.js";
import { keyField } from "./key.js";
import { notes, title } from "./notes.js";
import { kept, options } from "./options.js";
import {
  draftOf,
  type EditorState,
  fieldsOf,
  keyOf,
  type Open,
  presetOf,
  rowOf,
  savedValues,
} from "./state.js";

const SECTIONS: Record<string, { title: string; hint: string }> = {
  general: { title: "General", hint: "" },
  provider: { title: "Provider", hint: "" },
  endpoint: { title: "Endpoint", hint: "makes a provider and its first model" },
  call: { title: "Call settings", hint: "blank uses the provider’s default" },
  prices: { title: "Prices", hint: "blank means unpriced; 0 means free" },
};

export function form(
  view: EditorView,
  state: EditorState,
  open: Open,
  actions: Actions,
): TemplateResult {
  const row = rowOf(view, open);
  const fields = fieldsOf(view, state, open);
  const sections = [...new Set(fields.map(({ section }) => section))];
  return html`<div class="cc-editor-form">
    ${title(view, state, open, row, actions)} ${notes(view, state, open, row, actions)}
    ${keyed(
      keyOf(open),
      html`${open.kind === "endpoint" ? presets(view, state, actions) : nothing}
        ${sections.map((name) => section(name, view, state, open, actions))}
        ${row !== undefined && "kept" in row ? kept(view, state, row) : nothing}`,
    )}
  </div>`;
}

function section(
  name: string,
  view: EditorView,
  state: EditorState,
  open: Open,
  actions: Actions,
): TemplateResult {
  const fields = fieldsOf(view, state, open).filter((field) => field.section === name);
  const drawn = fields.map((field) => one(field, view, state, open, actions));
  if (name === "options") return options(view, state, open, fields, drawn);
  const { title = name, hint = "" } = SECTIONS[name] ?? {};
  const hasKey = name === "provider" || name === "endpoint" || name === "general";
  return html`<section class="cc-section">
    <h4 class="cc-section-title">${title} <span class="cc-section-hint">${hint}</span></h4>
    <div class="cc-fields">
      ${drawn}
      ${hasKey ? key(view, state, open, actions) : nothing}
    </div>
  </section>`;
}

function one(
  field: FormField,
  view: EditorView,
  state: EditorState,
  open: Open,
  actions: Actions,
): TemplateResult {
  const draft = draftOf(state, open);
  const saved = savedValues(view, state, open)[field.path] ?? "";
  const typed = draft.values[field.path];
  const value = typed ?? saved;
  const choices =
    field.path === "ai_provider_id" ? { choices: providers(view, open, value) } : {};
  const { enabled } = savedValues(view, state, open);
  return formField({
    field:
      field.path === "display_name" && open.kind !== "provider"
        ? { ...field, placeholder: draft.values.model || field.placeholder }
        : field,
    value: isSwitch(field) && value === "" ? (enabled ?? "true") : value,
    error: draft.errors[field.path],
    isChanged: typed !== undefined && open.id !== null,
    locked: locked(field, view, open),
    onEdit: (next) => actions.edit(field.path, next),
    ...choices,
  });
}

/** Something that is on or off, and nothing else. */
const isSwitch = ({ kind, blank }: FormField) => kind === "boolean" && blank === "";

/** Why a field cannot be changed. */
function locked(field: FormField, view: EditorView, open: Open): string | undefined {
  if (view.read_only !== null) return view.read_only;
  if (field.fixed && open.id !== null)
    return "Cannot be changed; make a new one instead";
  if (field.path === "ai_provider_id" && view.providers_problem !== null)
    return view.providers_problem;
  return undefined;
}

function providers(view: EditorView, open: Open, value: string): Choice[] {
  const listed = view.providers
    .filter((row) => row.state === "on" || row.id === value)
    .map((row) => ({ value: row.id, label: `${row.title} (${row.values.type})` }));
  if (value === "" || listed.some((choice) => choice.value === value)) return listed;
  const row = rowOf(view, open);
  const label = (row !== undefined && "kept" in row && row.provider) || value;
  return [...listed, { value, label }];
}

function key(
  view: EditorView,
  state: EditorState,
  open: Open,
  actions: Actions,
): TemplateResult | typeof nothing {
  const lock = view.read_only ?? undefined;
  const error = draftOf(state, open).errors.api_key;
  if (open.kind === "endpoint") {
    const preset = presetOf(view, state);
    const need = preset?.key ?? "optional";
    const owner = `endpoint:${state.preset}`;
    const props = { owner, hasKey: false, isNew: true, need, locked: lock, error };
    return keyField(props, state, actions);
  }
  const row = rowOf(view, open);
  if (open.kind === "provider") {
    const own = row as ProviderRow | undefined;
    const need = own?.needs_key ? "required" : "optional";
    const hasKey = own?.has_key ?? false;
    const props = { owner: keyOf(open), hasKey, isNew: own === undefined };
    return keyField({ ...props, need, locked: lock, error }, state, actions);
  }
  return ofProvider(view, state, open, actions);
}

/** Under a model: the key is its provider's, so say whose and how to get there. */
function ofProvider(
  view: EditorView,
  state: EditorState,
  open: Open,
  actions: Actions,
): TemplateResult | typeof nothing {
  const id =
    draftOf(state, open).values.ai_provider_id ??
    savedValues(view, state, open).ai_provider_id;
  const provider = view.providers.find((row) => row.id === id);
  if (provider === undefined) return nothing;
  const state_ = provider.has_key
    ? "has a key"
    : provider.needs_key
      ? "has no key yet"
      : "needs no key";
  return html`<p class="cc-field-note cc-span-12">
    ${provider.title} ${state_}.
    <button
      type="button"
      class="cc-link"
      @click=${() => actions.open({ kind: "provider", id: provider.id })}
    >Open the provider</button>
  </p>`;
}

function presets(
  view: EditorView,
  state: EditorState,
  actions: Actions,
): TemplateResult {
  const all = view.forms?.presets ?? [];
  return html`<div class="cc-presets">
    ${segmented({
      label: "Kind of endpoint",
      options: all.map(({ name, label }) => ({ value: name, label })),
      value: state.preset,
      onChange: actions.choosePreset,
    })}
    <p class="cc-field-note">${presetOf(view, state)?.hint ?? ""}</p>
  </div>`;
}
