/** What each chat cost, dearest first. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { ChatRow, CostView } from "../../bridge/generated.js";
import { counted, grouped, tokensText, usd } from "../../charts/money.js";

const ROWS = 10;

export function chatsTable(view: CostView): TemplateResult {
  const { chats } = view;
  const rest = chats.slice(ROWS);
  const whole = chats.reduce((sum, row) => sum + (row.micros ?? 0), 0);
  return html`<section class="cc-panel">
    <h3 class="cc-panel-title">By chat</h3>
    <table class="cc-table cc-costs-chats">
      <thead>
        <tr>
          <th scope="col">Chat</th>
          <th scope="col" class="cc-wide">Model</th>
          <th scope="col" class="cc-figure">Requests</th>
          <th scope="col" class="cc-figure cc-wide">In</th>
          <th scope="col" class="cc-figure cc-wide">Out</th>
          <th scope="col" class="cc-figure cc-wide">Cached</th>
          <th scope="col" class="cc-figure cc-wide">Share</th>
          <th scope="col" class="cc-figure" aria-sort="descending">Cost</th>
        </tr>
      </thead>
      <tbody>
        ${chats.slice(0, ROWS).map((row) => line(row, whole))}
        ${rest.length > 0 ? line(together(rest, counted(rest.length, "more chat")), whole, "cc-costs-rest") : nothing}
      </tbody>
      <tfoot>
        ${line(together(chats, "Total"), 0, "cc-costs-total")}
      </tfoot>
    </table>
  </section>`;
}

function line(row: ChatRow, whole: number, extra = ""): TemplateResult {
  const share = whole > 0 && row.micros ? (100 * row.micros) / whole : 0;
  const [only, ...more] = row.models;
  return html`<tr class=${extra}>
    <th scope="row" class="cc-costs-chat">${row.title || "Untitled chat"}</th>
    <td class="cc-wide cc-costs-model">${more.length > 0 ? counted(row.models.length, "model") : (only ?? "")}</td>
    <td class="cc-figure">${grouped(row.requests)}</td>
    <td class="cc-figure cc-wide">${tokensText(row.input_tokens)}</td>
    <td class="cc-figure cc-wide">${tokensText(row.output_tokens)}</td>
    <td class="cc-figure cc-wide">${tokensText(row.cached_tokens)}</td>
    <td class="cc-figure cc-wide">${share > 0 ? bar(share) : nothing}</td>
    <td class="cc-figure">${cost(row)}</td>
  </tr>`;
}

function bar(share: number): TemplateResult {
  const text = share < 1 ? "<1%" : `${Math.round(share)}%`;
  return html`<span class="cc-share"
    >${text}<i class="cc-share-track" aria-hidden="true"
      ><i style=${`width:${share.toFixed(1)}%`}></i></i
  ></span>`;
}

function cost(row: ChatRow): TemplateResult {
  if (row.micros === null) return html`<span class="cc-costs-unpriced">unpriced</span>`;
  if (row.unpriced === 0) return html`${usd(row.micros)}`;
  const left = `${counted(row.unpriced, "request")} without a price not included`;
  return html`<span title=${left}>${usd(row.micros)}
    <span class="cc-costs-unpriced">+ ${grouped(row.unpriced)} unpriced</span></span>`;
}

function together(rows: readonly ChatRow[], title: string): ChatRow {
  const sum = (read: (row: ChatRow) => number) =>
    rows.reduce((so_far, row) => so_far + read(row), 0);
  return {
    chat_id: "",
    title,
    models: [],
    requests: sum((row) => row.requests),
    unpriced: sum((row) => row.unpriced),
    input_tokens: sum((row) => row.input_tokens),
    output_tokens: sum((row) => row.output_tokens),
    cached_tokens: sum((row) => row.cached_tokens),
    micros: rows.every((row) => row.micros === null)
      ? null
      : sum((row) => row.micros ?? 0),
  };
}
