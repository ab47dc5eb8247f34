/** The prompt box: text, model, Stop, Send. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { ChatView } from "../../bridge/chat-types.js";
import { button, iconButton } from "../../dom/controls.js";
import { icon } from "../../dom/icons.js";
import { modelPicker, type PickerState } from "./model-picker.js";
import type { Actions } from "./page-state.js";
import { recall } from "./prompt-history.js";
import { isBusy } from "./status.js";
import { stopButton } from "./stop-button.js";

export interface ComposerOptions {
  view: ChatView;
  actions: Actions;
  picker: PickerState;
  changed(): void;
  /** A prompt was sent: the reader wants to see what becomes of it. */
  sent(): void;
}

export function composer(options: ComposerOptions): TemplateResult {
  const { view, actions } = options;
  const { state } = actions;
  const busy = isBusy(view) && view.phase !== "opening";
  const send = (event: Event) => {
    void submit(options);
    const box = (event.currentTarget as Element).closest(".cc-box");
    box?.querySelector<HTMLElement>(".cc-box-text")?.focus();
  };
  const refused = state.refused
    ? html`<div class="cc-refused" role="alert">
        ${icon("failed")}<span>${state.refused}</span>${iconButton({
          icon: "close",
          label: "Dismiss",
          onPress: () => actions.dismiss(),
        })}
      </div>`
    : nothing;
  return html`<div class="cc-composer">
    <div class="cc-gutter"><span class="cc-who">You</span></div>
    <div class="cc-box-column">
      ${refused}
      <div class="cc-box">
        <textarea
          class="cc-box-text"
          rows="1"
          aria-label="Message"
          placeholder=${view.rows.length > 0 ? "Ask a follow-up" : "Ask a question"}
          .value=${live(state.draft)}
          @input=${(event: Event) => onInput(event, options)}
          @keydown=${(event: KeyboardEvent) => onKey(event, options)}
        ></textarea>
        <div class="cc-box-bar">
          ${modelPicker({
            models: view.models,
            value: state.model || view.model_id,
            state: options.picker,
            changed: options.changed,
            choose: (id) => actions.chooseModel(id),
          })}
          <span class="cc-box-space"></span>
          ${busy ? stopButton(actions, "control") : nothing}
          ${button({
            label: state.isSending ? "Sending" : busy ? "Queue" : "Send",
            blocked: state.isSending ? "On its way to the kernel" : undefined,
            icon: busy ? "plus" : "up",
            kind: "primary",
            extra: "cc-send",
            onPress: send,
          })}
        </div>
      </div>
    </div>
  </div>`;
}

async function submit({ actions, sent }: ComposerOptions): Promise<void> {
  const text = actions.state.draft;
  if (text.trim() === "") return;
  sent();
  await actions.send(text);
}

function onInput(event: Event, { actions, changed }: ComposerOptions): void {
  actions.state.draft = (event.target as HTMLTextAreaElement).value;
  changed();
}

function onKey(event: KeyboardEvent, options: ComposerOptions): void {
  // While an input method composes, Enter belongs to it. Safari says so late, by
  // the old key code.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.shiftKey || event.altKey) return;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const step = event.key === "ArrowUp" ? 1 : -1;
    if (!recall(options.view, options.actions.state, step)) return;
    options.changed();
  } else if (event.key === "Enter") {
    const next = options.view.queue[0];
    const isEmpty = options.actions.state.draft.trim() === "";
    if (!isEmpty) void submit(options);
    else if (next !== undefined) options.actions.promoteQueued(next.id);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}
