/** The cost chart as SVG: drawn from a layout, no state of its own. */
import {
  html,
  nothing,
  type SVGTemplateResult,
  svg,
  type TemplateResult,
} from "lit-html";
import type { CostChart } from "../bridge/generated.js";
import type { Bar, Layout } from "./cost-layout.js";

export interface CostChartOptions {
  chart: CostChart;
  box: Layout;
  /** The column that is read out. */
  selected: number;
  /** Ids are one per document, so each view brings its own for the hatch. */
  hatch: string;
  sentence: string;
}

export function costChart(options: CostChartOptions): TemplateResult {
  const { box, hatch, sentence } = options;
  return html`<svg
    class="cc-chart"
    role="img"
    aria-label=${sentence}
    width=${box.width}
    height=${box.height}
    viewBox=${`0 0 ${box.width} ${box.height}`}
  >
    <defs>
      <pattern
        id=${hatch}
        width="4"
        height="4"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      ><path class="cc-chart-hatch" d="M0 0v4"></path></pattern>
    </defs>
    ${rows(box)} ${cursor(options)} ${box.bars.map((bar) => rect(bar, options))}
    ${box.ticks.map(
      ({ at, text }) =>
        svg`<text x=${at.toFixed(1)} y=${(box.lane ?? box.base) + 18} text-anchor="middle">${text}</text>`,
    )}
  </svg>`;
}

function rows({ rows, left, width, lane }: Layout): SVGTemplateResult[] {
  const drawn = rows.map(
    ({ at, text }, index) => svg`
      <path class=${index === 0 ? "cc-chart-base" : "cc-chart-line"} d=${`M${left} ${at.toFixed(1)}H${width}`}></path>
      <text x=${left - 8} y=${(at + 4).toFixed(1)} text-anchor="end">${text}</text>`,
  );
  if (lane !== null)
    drawn.push(svg`
      <path class="cc-chart-line" d=${`M${left} ${lane}H${width}`}></path>
      <text x=${left - 8} y=${lane - 3} text-anchor="end">no price</text>`);
  return drawn;
}

function cursor({
  box,
  selected,
}: CostChartOptions): SVGTemplateResult | typeof nothing {
  if (selected < 0) return nothing;
  const x = (box.left + box.step * (selected + 0.5)).toFixed(1);
  const bottom = box.lane ?? box.base;
  return svg`<path class="cc-chart-cursor" d=${`M${x} 6V${bottom + 4}`}></path>`;
}

function rect(bar: Bar, { chart, hatch }: CostChartOptions): SVGTemplateResult {
  const named = bar.slot === 0 ? "unpriced" : seriesName(chart, bar.slot);
  return svg`<rect
    class=${bar.slot === 0 ? "cc-chart-unpriced" : `cc-chart-s${bar.slot}`}
    data-model=${named}
    fill=${bar.slot === 0 ? `url(#${hatch})` : nothing}
    x=${bar.x.toFixed(1)}
    y=${bar.y.toFixed(1)}
    width=${bar.width.toFixed(1)}
    height=${bar.height.toFixed(1)}
  ></rect>`;
}

function seriesName(chart: CostChart, slot: number): string {
  return chart.series.find((series) => series.slot === slot)?.name ?? "";
}
