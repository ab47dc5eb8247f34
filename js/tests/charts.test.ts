import { expect, it } from "vitest";
import layouts from "../../tests/fixtures/page/cost-layout.json";
import money from "../../tests/fixtures/page/money.json";
import type { CostChart } from "../src/bridge/generated.js";
import { layout } from "../src/charts/cost-layout.js";
import { axisUsd, counted, tokensText, usd } from "../src/charts/money.js";

/** Numbers within a hundredth of a pixel: sums of floats differ between languages. */
function near(value: unknown): unknown {
  if (typeof value === "number") return expect.closeTo(value, 2);
  if (Array.isArray(value)) return value.map(near);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, near(v)]));
}

// The same files are held against the Python twins in tests/bridge.
it.each(layouts)("puts everything where the static picture has it: $name", (shared) => {
  const box = layout(shared.chart as CostChart, shared.width);

  expect(box).toEqual(near(shared.layout));
});

it.each(money.usd as [number, string][])("says %d micros as %s", (micros, text) => {
  expect(usd(micros)).toBe(text);
});

it.each(money.axis as [number, number, string][])(
  "marks %d micros in steps of %d as %s",
  (micros, step, text) => {
    expect(axisUsd(micros, step)).toBe(text);
  },
);

it.each(money.tokens as [number, string][])("says %d tokens as %s", (count, text) => {
  expect(tokensText(count)).toBe(text);
});

it("counts one without an s", () => {
  expect([
    counted(0, "request"),
    counted(1, "request"),
    counted(1850, "request"),
  ]).toEqual(["0 requests", "1 request", "1,850 requests"]);
});
