/** The line that holds what would else push text around. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { ChatView } from "../../bridge/chat-types.js";
import { icon, spinner } from "../../dom/icons.js";
import type { Actions } from "./page-state.js";
import type { Status } from "./status.js";
import { stopButton } from "./stop-button.js";

export function statusLine(
  view: ChatView,
  status: Status,
  actions: Actions,
): TemplateResult {
  const waiting = view.queue.length;
  const isTurn = view.mode === "turn";
  return html`<div
    class="cc-status cc-status-${status.tone}"
    data-status=${view.status}
    data-phase=${view.phase}
  >
    <span class="cc-status-icon"
      >${status.icon === "spinner" ? spinner() : icon(status.icon)}</span
    >
    <span class="cc-status-words">${status.words}</span>
    ${status.facts.map((fact) => html`<span class="cc-status-fact">${fact}</span>`)}
    <span class="cc-status-end">
      ${waiting > 0 ? html`${waiting} ${waiting === 1 ? "prompt waits" : "prompts wait"}` : nothing}
      ${
        !isTurn && waiting === 0 && status.words === "Ready" && !view.read_only
          ? html`<span class="cc-hint"
                ><kbd class="cc-kbd">Enter</kbd> send</span
              ><span class="cc-hint"><kbd class="cc-kbd">Shift Enter</kbd> new line</span>`
          : nothing
      }
      ${isTurn && status.canStop ? stopButton(actions, "small") : nothing}
    </span>
  </div>`;
}
