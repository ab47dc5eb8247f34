/** What the chat is called, how full its context is, what it cost. */
import { html, nothing, type TemplateResult } from "lit-html";
import { styleMap } from "lit-html/directives/style-map.js";
import type { ChatView, Context, Cost } from "../../bridge/chat-types.js";
import { contextSize, tokens, totalCost } from "../../dom/amounts.js";

/** From here on the meter warns, and from here on it alarms. */
const FULL = 0.85;
const BRIM = 0.95;

export function header(view: ChatView): TemplateResult {
  return html`<div class="cc-head">
    <h2 class="cc-head-title">${view.title || "New chat"}</h2>
    ${view.context ? meter(view.context) : nothing}${view.cost ? cost(view.cost) : nothing}
  </div>`;
}

function meter(context: Context): TemplateResult {
  const share = Math.min(1, context.used / context.limit);
  const percent = Math.round(share * 100);
  const level = share >= BRIM ? "brim" : share >= FULL ? "full" : "some";
  const compacts =
    context.compacts_at === null
      ? ""
      : `, compacted at ${Math.round(context.compacts_at * 100)}%`;
  const words = `${percent}% of ${contextSize(context.limit)}`;
  const full = `${tokens(context.used)} of ${tokens(context.limit)} tokens in the context${compacts}`;
  const tick =
    context.compacts_at === null
      ? nothing
      : html`<span
          class="cc-meter-tick"
          style=${styleMap({ left: `${context.compacts_at * 100}%` })}
        ></span>`;
  return html`<span class="cc-context" title=${full}>
    <span
      class="cc-meter cc-meter-${level}"
      role="meter"
      aria-label="Context"
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${percent}
      aria-valuetext=${full}
      ><span class="cc-meter-bar" style=${styleMap({ width: `${percent}%` })}></span>${tick}</span
    >
    <span class="cc-context-words" aria-hidden="true">${words}</span>
  </span>`;
}

function cost(value: Cost): TemplateResult {
  const rest =
    value.unpriced > 0
      ? `, and ${value.unpriced} unpriced ${value.unpriced === 1 ? "answer" : "answers"}`
      : "";
  const mark = value.unpriced > 0 ? "+" : "";
  return html`<span class="cc-cost" title=${`About ${totalCost(value.micros)} so far${rest}`}
    >${totalCost(value.micros)}${mark}</span
  >`;
}
