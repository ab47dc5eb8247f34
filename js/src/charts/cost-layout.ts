/**
 * Where everything in the cost chart stands: numbers in, numbers out.
 *
 * The twin of `bridge/cost_chart.py`, which draws the picture for places without a
 * kernel; `tests/fixtures/page/cost-layout.json` keeps the two equal.
 */
import { tickStep } from "d3-array";
import { scaleBand } from "d3-scale";
import type { CostChart, CostColumn } from "../bridge/generated.js";
import { axisUsd } from "./money.js";

const TOP = 12;
const PLOT = 140;
/** As high as that when nothing cost anything: an empty plot says no more. */
const FLAT = 28;
const LANE = 20;
const FOOT = 26;
const PADDING = 0.28;
/** How high a free request is drawn: to be seen, and seen to be nothing. */
const STUB = 2;
const LABEL_WIDTH = 6.4;
const TICK_ROOM = 84;

export interface Mark {
  at: number;
  text: string;
}

export interface Bar {
  column: number;
  /** Its colour, 0 for the hatch of what has no price. */
  slot: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  width: number;
  height: number;
  left: number;
  base: number;
  lane: number | null;
  step: number;
  bars: Bar[];
  rows: Mark[];
  ticks: Mark[];
}

/** Place the chart in so many pixels. */
export function layout(chart: CostChart, width: number): Layout {
  const { columns } = chart;
  const top = Math.max(0, ...columns.map(total));
  const mark = top > 0 ? Math.max(1, Math.round(tickStep(0, top, 4))) : 1;
  const ceiling = Math.ceil(top / mark) * mark;
  const hasLane = columns.some((column) => column.unpriced > 0);

  const names: { at: number; text: string }[] = [];
  for (let at = 0; at <= ceiling; at += mark)
    names.push({ at, text: axisUsd(at, mark) });
  const letters = Math.max(...names.map((name) => name.text.length));
  const left = Math.ceil(Math.max(12 + LABEL_WIDTH * letters, hasLane ? 56 : 40));
  const base = TOP + (ceiling > 0 ? PLOT : FLAT);

  const x = scaleBand<number>()
    .domain(columns.map((_, index) => index))
    .range([left, width])
    .paddingInner(PADDING)
    .paddingOuter(PADDING / 2);
  // A linear scale from zero is a product; d3's brings colours and formats along.
  const y = (micros: number) =>
    ceiling > 0 ? base - ((base - TOP) * micros) / ceiling : base;
  const most = Math.max(0, ...columns.map((column) => column.unpriced));

  const bars = columns.flatMap((column, index) => {
    const place = { column: index, x: x(index) ?? left, width: x.bandwidth() };
    const found = stack(chart, column, y, base).map((bar) => ({ ...place, ...bar }));
    if (column.unpriced > 0) {
      const height = 4 + (8 * column.unpriced) / most;
      found.push({ ...place, slot: 0, y: base + LANE - 2 - height, height });
    }
    return found;
  });

  const step = x.step();
  const every = Math.max(1, Math.ceil(TICK_ROOM / step));
  const ticks: Mark[] = [];
  for (let index = Math.floor(every / 2); index < columns.length; index += every)
    ticks.push({ at: left + step * (index + 0.5), text: columns[index]?.tick ?? "" });

  return {
    width,
    height: base + (hasLane ? LANE : 0) + FOOT,
    left,
    base,
    lane: hasLane ? base + LANE : null,
    step,
    bars,
    rows: names.map(({ at, text }) => ({ at: y(at), text })),
    ticks,
  };
}

/** What a column adds up to; what has no price is not in it. */
export function total(column: CostColumn): number {
  return column.micros.reduce<number>((sum, micros) => sum + (micros ?? 0), 0);
}

type Segment = Pick<Bar, "slot" | "y" | "height">;

function stack(
  chart: CostChart,
  column: CostColumn,
  y: (micros: number) => number,
  base: number,
): Segment[] {
  const segments: Segment[] = [];
  let below = 0;
  chart.series.forEach((series, index) => {
    const micros = column.micros[index];
    if (!micros) return;
    const high = y(below + micros);
    // A gap of one pixel under every segment but the lowest.
    const height = Math.max(0.5, y(below) - high - (below > 0 ? 1 : 0));
    segments.push({ slot: series.slot, y: high, height });
    below += micros;
  });
  const free = column.micros.indexOf(0);
  const series = chart.series[free];
  if (segments.length === 0 && series !== undefined)
    segments.push({ slot: series.slot, y: base - STUB, height: STUB });
  return segments;
}
