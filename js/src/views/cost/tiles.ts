/**
 * Four figures that sum everything up.
 *
 * No list elements here and in the readout: hosts style those in their outputs.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { CostView } from "../../bridge/generated.js";
import { counted, grouped, tokensText, usd } from "../../charts/money.js";
import { icon } from "../../dom/icons.js";

export function tiles(view: CostView): TemplateResult | typeof nothing {
  const { totals } = view;
  if (!totals) return nothing;
  const cached = totals.cache_read_tokens;
  const input = totals.input_tokens + cached;
  const share = input > 0 ? Math.round((100 * cached) / input) : 0;
  return html`<div class="cc-tiles">
    ${tile(
      "Total",
      totals.micros === null ? "unpriced" : usd(totals.micros),
      `${counted(totals.chats, "chat")} of this notebook`,
    )}
    ${tile(
      "Requests",
      grouped(totals.requests),
      totals.unpriced > 0
        ? html`<span class="cc-costs-warn">${icon("alert")}${grouped(totals.unpriced)} unpriced</span>`
        : totals.micros === 0
          ? "all free"
          : "all priced",
    )}
    ${tile(
      "Tokens in / out",
      `${tokensText(totals.input_tokens)} / ${tokensText(totals.output_tokens)}`,
      "cache apart",
    )}
    ${tile(
      "From cache",
      tokensText(cached),
      cached + totals.cache_creation_tokens > 0
        ? `${share}% of input; ${tokensText(totals.cache_creation_tokens)} written`
        : "nothing read or written",
    )}
  </div>`;
}

function tile(
  label: string,
  figure: string,
  note: string | TemplateResult,
): TemplateResult {
  return html`<div class="cc-tile" role="group" aria-label=${label}>
    <div class="cc-tile-label">${label}</div>
    <div class="cc-tile-figure">${figure}</div>
    <div class="cc-tile-note">${note}</div>
  </div>`;
}
