/** Prompts that wait for the running answer, the next one first. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { QueuedPrompt } from "../../bridge/chat-types.js";
import { iconButton } from "../../dom/controls.js";
import type { Actions } from "./page-state.js";

export function queue(
  prompts: readonly QueuedPrompt[],
  actions: Actions,
): TemplateResult | typeof nothing {
  if (prompts.length === 0) return nothing;
  return html`<div class="cc-queue">
    <div class="cc-gutter"><span class="cc-who">Queue</span></div>
    <ol class="cc-queue-list" aria-label="Prompts that wait">
      ${prompts.map((prompt, at) => row(prompt, at, actions))}
    </ol>
  </div>`;
}

function row(prompt: QueuedPrompt, at: number, actions: Actions): TemplateResult {
  const files = prompt.files === 1 ? "1 file" : `${prompt.files} files`;
  return html`<li class="cc-queued">
    <span class="cc-queued-at">${at + 1}</span>
    <span class="cc-queued-text">${firstLine(prompt.text) || "No text"}</span>
    ${prompt.files > 0 ? html`<span class="cc-chip">${files}</span>` : nothing}
    ${iconButton({
      icon: "up",
      label: "Stop the answer and send this now",
      onPress: () => actions.promoteQueued(prompt.id),
    })}
    ${iconButton({
      icon: "trash",
      label: "Remove from the queue",
      onPress: () => actions.deleteQueued(prompt.id),
    })}
  </li>`;
}

function firstLine(text: string): string {
  const [line = "", ...rest] = text.trim().split("\n");
  return rest.length > 0 ? `${line} …` : line;
}
