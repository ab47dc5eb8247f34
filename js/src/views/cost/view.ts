/** What the chats of a notebook cost: tiles, a chart with a readout, a table. */
import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Connection } from "../../bridge/connection.js";
import type { CostIntent, CostView } from "../../bridge/generated.js";
import { counted, usd } from "../../charts/money.js";
import { button, iconButton } from "../../dom/controls.js";
import { icon, spinner } from "../../dom/icons.js";
import type { Undo } from "../../dom/part.js";
import { mountRoot } from "../../dom/root.js";
import type { Store } from "../../store/store.js";
import { type Chosen, chartPanel, type PanelState } from "./chart-panel.js";
import { chatsTable } from "./chats-table.js";
import { tiles } from "./tiles.js";

let views = 0;

export function mountCosts(
  el: HTMLElement,
  store: Store<CostView>,
  connection: Connection<CostIntent>,
  chosen: Chosen,
): Undo {
  const undoRoot = mountRoot(el, "cc-costs");
  el.classList.add("cc-frame");
  el.setAttribute("role", "region");
  el.setAttribute("aria-label", "Cost");
  const page: PanelState = {
    hatch: `cc-hatch-${Math.random().toString(36).slice(2)}-${++views}`,
    width: 0,
    pointed: null,
    chosen,
  };
  let failed: string | null = null;
  let asking = false;
  let frame = 0;

  async function refresh(): Promise<void> {
    if (asking) return;
    asking = true;
    failed = null;
    draw();
    try {
      await connection.send({ op: "refresh_costs" });
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
    }
    asking = false;
    draw();
  }

  function draw(): void {
    const view = store.view;
    const busy = asking || view === undefined || view.refreshing;
    render(
      html`${head(view, busy, refresh)}${problem(failed ?? view?.problem, refresh)}
        ${body(view, page, draw, refresh)}`,
      el,
    );
  }

  const undoStore = store.subscribe(draw);
  const observer = new ResizeObserver(([entry]) => {
    // The panel's padding is part of the widget's width, and narrower when it is.
    const outer = Math.floor(entry?.contentRect.width ?? 0);
    const width = outer - (outer < 520 ? 24 : 32);
    if (width === page.width) return;
    page.width = width;
    // In the next frame: what is drawn makes the widget higher, which is observed.
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(draw);
  });
  observer.observe(el);
  draw();
  return () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
    undoStore();
    undoRoot();
  };
}

function head(
  view: CostView | undefined,
  busy: boolean,
  refresh: () => void,
): TemplateResult {
  const read = view?.read_at ? `Read at ${clock(view.read_at)}` : "";
  return html`<div class="cc-head">
    <span class="cc-head-title">Cost
      <span class="cc-chip cc-costs-source" title="Usage of each stored answer times today's price of its model"
        >estimate from messages</span
      ></span>
    <span class="cc-costs-read">${read}</span>
    ${
      busy
        ? html`<span class="cc-costs-busy" role="status">${spinner()}<span class="cc-spoken">Reading costs</span></span>`
        : iconButton({ icon: "refresh", label: "Read again", onPress: refresh })
    }
  </div>`;
}

function problem(
  text: string | null | undefined,
  retry: () => void,
): TemplateResult | typeof nothing {
  if (!text) return nothing;
  return html`<div class="cc-costs-notice">
    <div class="cc-note cc-note-err" role="alert">
      ${icon("failed")}
      <div class="cc-note-title">Costs could not be read</div>
      <div class="cc-note-body">${text}</div>
      <div class="cc-note-actions">
        ${button({ label: "Try again", onPress: retry, size: "small" })}
      </div>
    </div>
  </div>`;
}

function body(
  view: CostView | undefined,
  page: PanelState,
  draw: () => void,
  refresh: () => void,
): TemplateResult | typeof nothing {
  if (view?.phase === "failed") return nothing;
  if (!view?.totals) return quiet(spinner(), "Reading costs", view?.notice ?? "");
  if (view.totals.requests === 0 || !view.chart) return empty(view, refresh);
  return html`${unpriced(view)}${tiles(view)}${server(view)}
    ${chartPanel(view.chart, page, draw)}${chatsTable(view)}`;
}

function empty(view: CostView, refresh: () => void): TemplateResult {
  const chats = view.totals?.chats ?? 0;
  const why =
    chats === 0
      ? "No chat of this notebook was found. Ask something with %%chat first."
      : `${counted(chats, "chat")} of this notebook ${chats === 1 ? "has" : "have"} no answer with usage yet. Stopped answers count nothing.`;
  return quiet(
    icon("clock"),
    "No cost yet",
    why,
    button({ label: "Read again", onPress: refresh }),
  );
}

function quiet(
  mark: TemplateResult,
  title: string,
  text: string,
  action?: TemplateResult,
): TemplateResult {
  return html`<div class="cc-costs-empty">
    ${mark}
    <div class="cc-costs-empty-title">${title}</div>
    ${text ? html`<div class="cc-costs-empty-text">${text}</div>` : nothing}
    ${action ?? nothing}
  </div>`;
}

function unpriced(view: CostView): TemplateResult | typeof nothing {
  const count = view.totals?.unpriced ?? 0;
  if (count === 0) return nothing;
  const names = view.unpriced_models.join(", ");
  const advice = names
    ? `Set prices for ${names} in the ModelConfigEditor to include them; a price of 0 means free.`
    : "Their models were removed, and their prices with them.";
  return html`<div class="cc-costs-notice">
    <div class="cc-note cc-note-warn">
      ${icon("alert")}
      <div class="cc-note-title">
        ${counted(count, "request")} ${count === 1 ? "has" : "have"} no price
      </div>
      <div class="cc-note-body">
        They are not part of any total. ${advice}
      </div>
    </div>
  </div>`;
}

function server(view: CostView): TemplateResult | typeof nothing {
  const own = view.totals?.micros ?? 0;
  if (view.server_micros === null || view.server_micros === own) return nothing;
  return html`<div class="cc-costs-server">
    ${icon("info")}
    <span
      >The server counted <b>${usd(view.server_micros)}</b> for these chats: it knows the
      prices of their time, and answers that were edited away.</span
    >
  </div>`;
}

/** The time of day as the kernel wrote it: in the zone of the chart. */
function clock(iso: string): string {
  return iso.slice(11, 16);
}
