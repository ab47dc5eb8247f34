/**
 * The API key of a provider: whether there is one, and ways to set or clear it.
 *
 * What is typed stays in its input. No state, draft or template holds it, and it is
 * read once, when the form is sent.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { button } from "../../dom/controls.js";
import { icon } from "../../dom/icons.js";
import type { Actions } from "./actions.js";
import type { EditorState } from "./state.js";

export interface KeyProps {
  /** Of whom: another owner gets another input. */
  owner: string;
  hasKey: boolean;
  /** There is nothing yet that a key could be kept for. */
  isNew: boolean;
  need: "optional" | "required";
  locked: string | undefined;
  error: string | undefined;
}

export function keyField(
  props: KeyProps,
  state: EditorState,
  actions: Actions,
): TemplateResult {
  const { error, hasKey, isNew, locked } = props;
  const typing = !locked && (isNew || state.typesKey);
  const note = typing
    ? "Goes to the server as it is; it is not kept in the notebook."
    : "Kept by the server; no one can read it here.";
  const must = props.need === "required" && (isNew || !hasKey);
  return html`<div class="cc-field cc-span-12 ${error ? "cc-field-bad" : ""}" data-path="api_key">
    <span class="cc-field-label"
      >API key${must ? html` <span class="cc-field-must">needed to answer</span>` : props.need === "optional" ? html` <span class="cc-field-must">if it asks for one</span>` : nothing}</span
    >
    ${typing ? entry(props, actions) : status(props, actions)}
    ${
      error
        ? html`<span class="cc-field-error" role="alert">${icon("failed")}${error}</span>`
        : html`<span class="cc-field-note">${note}</span>`
    }
  </div>`;
}

function entry({ owner, isNew, error }: KeyProps, actions: Actions): TemplateResult {
  return html`<div class="cc-key">
    ${keyed(
      owner,
      html`<span class="cc-input-hold cc-key-input"><input
        class="cc-input"
        type="password"
        data-secret
        autocomplete="new-password"
        spellcheck="false"
        aria-label="API key"
        aria-invalid=${error ? "true" : nothing}
        @input=${(event: Event) =>
          actions.keyTyped((event.target as HTMLInputElement).value !== "")}
      /></span>`,
    )}
    ${
      isNew
        ? nothing
        : button({
            label: "Keep the old one",
            kind: "quiet",
            size: "small",
            onPress: () => actions.typeKey(false),
          })
    }
  </div>`;
}

function status({ hasKey, locked }: KeyProps, actions: Actions): TemplateResult {
  return html`<div class="cc-key">
    ${icon("key", hasKey ? "" : "cc-muted")}
    <span class="cc-key-state">${hasKey ? "Set" : "Not set"}</span>
    ${
      locked
        ? nothing
        : html`${button({
            label: hasKey ? "Replace" : "Set a key",
            size: "small",
            onPress: () => actions.typeKey(true),
          })}${
            hasKey
              ? button({
                  label: "Clear",
                  kind: "quiet",
                  size: "small",
                  onPress: () => void actions.clearKey(),
                })
              : nothing
          }`
    }
  </div>`;
}
