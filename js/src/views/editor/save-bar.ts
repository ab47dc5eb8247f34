/** Below everything while something is not saved: how much, what is wrong, what now. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { EditorView, FormField } from "../../bridge/generated.js";
import { counted } from "../../charts/money.js";
import { button } from "../../dom/controls.js";
import { icon, spinner } from "../../dom/icons.js";
import type { Actions } from "./actions.js";
import { shown } from "./field.js";
import {
  type Change,
  changesOf,
  draftOf,
  type EditorState,
  type Open,
} from "./state.js";

export function saveBar(
  view: EditorView,
  state: EditorState,
  open: Open,
  actions: Actions,
): TemplateResult {
  const changes = changesOf(view, state, open);
  const wrong = Object.keys(draftOf(state, open).errors).filter(Boolean).length;
  const canCompare = open.id !== null && changes.length > 0;
  return html`<div class="cc-save">
      <span class="cc-save-what">${icon("pencil")}<b>${what(changes, state, open)}</b></span>
      ${
        wrong > 0
          ? html`<span class="cc-save-wrong"
              >${icon("failed")}${wrong} ${wrong === 1 ? "field needs" : "fields need"} attention</span
            >`
          : html`<span class="cc-save-wrong"></span>`
      }
      ${
        canCompare
          ? button({
              label: state.showsChanges ? "Hide changes" : "Show changes",
              kind: "quiet",
              onPress: actions.toggleChanges,
            })
          : nothing
      }
      <span class="cc-save-ways">
        ${button({ label: open.id === null ? "Cancel" : "Discard", onPress: actions.discard })}
        ${state.busy ? html`<span class="cc-save-busy" role="status">${spinner()}<span class="cc-spoken">Saving</span></span>` : nothing}
        ${button({
          label: "Save",
          kind: "primary",
          blocked: state.busy ? "Saving" : undefined,
          ...(wrong > 0
            ? { extra: "cc-save-held", title: "Goes to the first field that is wrong" }
            : { title: "Ctrl S" }),
          onPress: () => void actions.save(),
        })}
      </span>
    </div>
    ${canCompare && state.showsChanges ? table(changes, view) : nothing}`;
}

function what(changes: Change[], state: EditorState, open: Open): string {
  if (open.kind === "endpoint") return "New endpoint";
  if (open.id === null) return open.kind === "model" ? "New model" : "New provider";
  return counted(changes.length + (state.hasKey ? 1 : 0), "unsaved change");
}

function table(changes: Change[], view: EditorView): TemplateResult {
  const named = (field: FormField, value: string) =>
    view.providers.find(({ id }) => id === value)?.title ?? shown(field, value);
  return html`<div class="cc-save-changes">
    <table class="cc-table">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Saved</th>
          <th scope="col">New</th>
        </tr>
      </thead>
      <tbody>
        ${changes.map(
          ({ field, before, after, error }) => html`<tr>
            <td title=${field.path}>${field.label}</td>
            <td><s>${named(field, before)}</s></td>
            <td class=${error ? "cc-err" : ""}>
              ${named(field, after)}${error ? html`, ${error.charAt(0).toLowerCase()}${error.slice(1)}` : nothing}
            </td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
