/** What a provider alone understands: its options, folded; and what no field shows. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { EditorView, FormField, ModelRow } from "../../bridge/generated.js";
import { icon } from "../../dom/icons.js";
import {
  changesOf,
  draftOf,
  type EditorState,
  fieldsOf,
  keyOf,
  type Open,
  providerType,
  valuesOf,
} from "./state.js";

/**
 * The options of the model's provider. Open when one of them is set, until the user
 * folds them; what is wrong in there is never folded away.
 */
export function options(
  view: EditorView,
  state: EditorState,
  open: Open,
  fields: readonly FormField[],
  drawn: readonly TemplateResult[],
): TemplateResult {
  const values = valuesOf(view, state, open);
  const set = fields.filter(({ path }) => values[path]).length;
  const { errors } = draftOf(state, open);
  const isTouched = changesOf(view, state, open).some(({ field }) =>
    fields.includes(field),
  );
  const key = `${keyOf(open)} ${fields[0]?.family ?? ""}`;
  const isOpen =
    fields.some(({ path }) => errors[path] !== undefined) ||
    (state.unfolded.get(key) ?? (set > 0 || isTouched));
  return html`<details
    class="cc-section cc-fold"
    ?open=${isOpen}
    @toggle=${(event: Event) =>
      state.unfolded.set(key, (event.target as HTMLDetailsElement).open)}
  >
    <summary class="cc-section-title cc-fold-title">
      ${icon("chevronDown")}
      <h4 class="cc-fold-name">Provider options</h4>
      <span class="cc-section-hint">${typeName(view, providerType(view, state, open))}</span>
      <span class="cc-fold-count">${set === 0 ? "none set" : `${set} of ${fields.length} set`}</span>
    </summary>
    <div class="cc-fields">${drawn}</div>
  </details>`;
}

/** The name that people know a type of provider by. */
function typeName(view: EditorView, type: string): string {
  const types = view.forms?.provider.find(({ path }) => path === "type");
  return types?.choices.find(({ value }) => value === type)?.label ?? type;
}

/** Settings that no field shows: kept, and there to be looked at. */
export function kept(
  view: EditorView,
  state: EditorState,
  row: ModelRow,
): TemplateResult | typeof nothing {
  const shown = new Set(
    fieldsOf(view, state, { kind: "model", id: row.id }).map(({ path }) => path),
  );
  const others = (view.forms?.model ?? [])
    .filter(({ path }) => row.values[path] && !shown.has(path))
    .map(({ path }) => ({ path: placeOf(path), value: row.values[path] ?? "" }));
  const all = [...row.kept, ...others];
  if (all.length === 0) return nothing;
  return html`<details class="cc-kept">
    <summary>
      ${all.length} ${all.length === 1 ? "setting" : "settings"} that this form does not show
      ${all.length === 1 ? "is" : "are"} kept and sent back unchanged.
    </summary>
    <div class="cc-kept-list">
      ${all.map(({ path, value }) => html`<div><span>${path}</span><code>${value}</code></div>`)}
    </div>
  </details>`;
}

/** Where in the settings a field's value stands. */
const placeOf = (path: string): string => path.replace(/^call\./, "");
