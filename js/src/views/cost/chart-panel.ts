/** The chart, what is read out of it, and its twin as a table. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { CostChart, CostColumn } from "../../bridge/generated.js";
import { costChart } from "../../charts/cost-chart.js";
import { type Layout, layout, total } from "../../charts/cost-layout.js";
import { counted, grouped, usd } from "../../charts/money.js";
import { button } from "../../dom/controls.js";

/** What was chosen on this page. */
export interface Chosen {
  /** A column, by a key or a click; null follows the newest. */
  selected: number | null;
  asTable: boolean;
}

/** What only one view knows. */
export interface PanelState {
  hatch: string;
  width: number;
  /** The column under the pointer. */
  pointed: number | null;
  chosen: Chosen;
}

export function chartPanel(
  chart: CostChart,
  page: PanelState,
  draw: () => void,
): TemplateResult {
  const toggle = () => {
    page.chosen.asTable = !page.chosen.asTable;
    draw();
  };
  const title = `Cost per ${chart.unit}`;
  return html`<section class="cc-panel">
    <div class="cc-panel-head">
      <h3 class="cc-panel-title">
        ${title} <span class="cc-panel-zone">${chart.zone}</span>
      </h3>
      ${button({
        label: page.chosen.asTable ? "Show as chart" : "Show as table",
        onPress: toggle,
        kind: "quiet",
        size: "small",
      })}
    </div>
    ${page.chosen.asTable ? table(chart, title) : picture(chart, page, draw)}
  </section>`;
}

function picture(
  chart: CostChart,
  page: PanelState,
  draw: () => void,
): TemplateResult | typeof nothing {
  if (page.width <= 0) return nothing;
  const box = layout(chart, page.width);
  const at = shown(chart, page);
  const point = (event: PointerEvent) => {
    const next = columnAt(event, box, chart.columns.length);
    if (next === page.pointed) return;
    page.pointed = next;
    draw();
  };
  const leave = () => {
    page.pointed = null;
    draw();
  };
  const choose = (event: PointerEvent) => {
    page.chosen.selected =
      columnAt(event, box, chart.columns.length) ?? page.chosen.selected;
    draw();
  };
  const press = (event: KeyboardEvent) => {
    const next = moved(event.key, at, chart.columns.length);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    page.pointed = null;
    page.chosen.selected = next;
    draw();
  };
  const column = chart.columns[at];
  // The slider lies over the picture, not around it: what is inside of a slider is
  // nothing to a screen reader.
  return html`<div class="cc-chart-hold">
    ${costChart({ chart, box, selected: at, hatch: page.hatch, sentence: sentence(chart) })}
    <div
      class="cc-chart-slider"
      role="slider"
      tabindex="0"
      aria-label=${`Column of the chart, ${chart.unit} by ${chart.unit}`}
      aria-valuemin="1"
      aria-valuemax=${chart.columns.length}
      aria-valuenow=${at + 1}
      aria-valuetext=${column ? spoken(chart, column) : ""}
      @pointermove=${point}
      @pointerleave=${leave}
      @pointerdown=${choose}
      @keydown=${press}
    ></div>
    </div>
    ${column ? readout(chart, column, box.left) : nothing}`;
}

/** The column to read out: under the pointer, else chosen, else the newest used. */
function shown(chart: CostChart, page: PanelState): number {
  const last = chart.columns.length - 1;
  const wanted = page.pointed ?? page.chosen.selected;
  if (wanted !== null) return Math.min(wanted, last);
  for (let index = last; index >= 0; index--)
    if ((chart.columns[index]?.requests ?? 0) > 0) return index;
  return last;
}

/** The slider is a little wider than the picture, for its focus ring. */
const EDGE = 4;

function columnAt(event: PointerEvent, box: Layout, count: number): number | null {
  const hold = event.currentTarget as HTMLElement;
  const x = event.clientX - hold.getBoundingClientRect().left - EDGE;
  const index = Math.floor((x - box.left) / box.step);
  return index >= 0 && index < count ? index : null;
}

function moved(key: string, at: number, count: number): number | null {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return Math.max(0, at - 1);
    case "ArrowRight":
    case "ArrowUp":
      return Math.min(count - 1, at + 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

function readout(chart: CostChart, column: CostColumn, left: number): TemplateResult {
  return html`<div class="cc-readout" style=${`--cc-axis:${left}px`}>
    <div class="cc-readout-when">
      <div class="cc-readout-name">${column.label}</div>
      <div class="cc-readout-value">${amount(column)}</div>
    </div>
    ${chart.series.map(
      (series, index) => html`<div>
        <div class="cc-readout-name"><i class="cc-swatch cc-swatch-s${series.slot}"></i><span>${series.name}</span></div>
        <div class="cc-readout-value">${cell(column.micros[index])}</div>
      </div>`,
    )}
    ${
      chart.columns.some(({ unpriced }) => unpriced > 0)
        ? html`<div>
            <div class="cc-readout-name"><i class="cc-swatch cc-swatch-unpriced"></i><span>unpriced</span></div>
            <div class="cc-readout-value">${grouped(column.unpriced)} req.</div>
          </div>`
        : nothing
    }
  </div>`;
}

function table(chart: CostChart, title: string): TemplateResult {
  const used = chart.columns.filter(({ requests }) => requests > 0).reverse();
  const lane = used.some(({ unpriced }) => unpriced > 0);
  return html`<div class="cc-table-hold" tabindex="0" role="group" aria-label=${title}>
    <table class="cc-table">
      <thead>
        <tr>
          <th scope="col">When</th>
          ${chart.series.map(({ name }) => html`<th scope="col" class="cc-figure">${name}</th>`)}
          ${lane ? html`<th scope="col" class="cc-figure">Unpriced</th>` : nothing}
          <th scope="col" class="cc-figure">Requests</th>
          <th scope="col" class="cc-figure">Cost</th>
        </tr>
      </thead>
      <tbody>
        ${used.map(
          (column) => html`<tr>
            <td>${column.label}</td>
            ${column.micros.map((micros) => html`<td class="cc-figure">${cell(micros)}</td>`)}
            ${lane ? html`<td class="cc-figure">${column.unpriced || ""}</td>` : nothing}
            <td class="cc-figure">${grouped(column.requests)}</td>
            <td class="cc-figure">${amount(column)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A sum says what it is of: nothing asked, nothing priced, or an amount. */
function amount(column: CostColumn): string {
  if (column.requests === 0) return "no request";
  return column.requests === column.unpriced ? "unpriced" : usd(total(column));
}

function cell(micros: number | null | undefined): string {
  return micros === null || micros === undefined ? "–" : usd(micros);
}

function spoken(chart: CostChart, column: CostColumn): string {
  const parts = chart.series.flatMap((series, index) => {
    const micros = column.micros[index];
    return micros === null || micros === undefined
      ? []
      : [`${series.name} ${usd(micros)}`];
  });
  if (column.unpriced > 0)
    parts.push(`${counted(column.unpriced, "request")} unpriced`);
  return [`${column.label}: ${amount(column)}`, ...parts].join(", ");
}

function sentence(chart: CostChart): string {
  const names = chart.series.map(({ name }) => name).join(", ") || "no priced model";
  return `Cost per ${chart.unit} by model: ${names}; ${chart.columns.length} columns, ${chart.zone}. The table has the same numbers.`;
}
