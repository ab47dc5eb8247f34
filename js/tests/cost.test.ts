import { expect, it } from "vitest";
import type { CostView } from "../src/bridge/generated.js";
import { createCostPart } from "../src/views/cost/part.js";
import { costViews } from "./gallery/fixtures/cost.js";
import { Stage } from "./stage.js";
import { drawn } from "./support.js";

const page = new Stage<CostView>(createCostPart);
const { all, button: byName, close, show, text } = page;
const figures = () => all(".cc-tile-figure").map((tile) => tile.textContent);
const slider = () => page.el.querySelector('[role="slider"]') as HTMLElement;

function press(key: string): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  slider().dispatchEvent(event);
  return event;
}

it("sums up in four tiles, and says what the sum leaves out", async () => {
  await show(costViews.cents);

  expect(figures()).toEqual(["$0.0056", "3", "9,015 / 1,800", "6,000"]);
  expect(text(".cc-note-title")).toBe("1 request has no price");
  expect(text(".cc-note-body")).toContain("Set prices for cedar-70b");
});

it("draws one bar per model and column, and unpriced ones in their own lane", async () => {
  await show(costViews.cents);

  const bars = all("svg rect[data-model]").map((bar) => bar.dataset.model);
  expect(bars).toEqual(["atlas-mini", "atlas-mini", "unpriced"]);
  const lane = page.el.querySelector<SVGElement>('rect[data-model="unpriced"]');
  const base = page.el.querySelector<SVGElement>(".cc-chart-base");
  expect(lane?.getBoundingClientRect().top).toBeGreaterThan(
    base?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY,
  );
});

it("says unpriced where nothing has a price, and free where all is free", async () => {
  await show(costViews.unpriced);
  expect(figures()[0]).toBe("unpriced");
  expect(page.el.textContent).not.toContain("$0.00");
  close();

  await show(costViews.free);
  expect(figures()[0]).toBe("$0.00");
  expect(page.el.textContent).not.toContain("unpriced");
});

it("reads the newest column out, then the one that keys choose", async () => {
  await show(costViews.cents);
  expect(slider().getAttribute("aria-valuetext")).toContain("unpriced");

  const event = press("ArrowLeft");
  await drawn();

  expect(event.defaultPrevented).toBe(true);
  expect(slider().getAttribute("aria-valuetext")).toBe(
    "Sat 21 Nov, 12:45: $0.0034, atlas-mini $0.0034",
  );
  expect(text(".cc-readout-when .cc-readout-name")).toBe("Sat 21 Nov, 12:45");
  press("Home");
  expect(slider().getAttribute("aria-valuenow")).toBe("1");
});

it("lets keys that it does not know go on to the notebook", async () => {
  await show(costViews.cents);

  expect(press("a").defaultPrevented).toBe(false);
});

it("reads out the column under the pointer, and lets go of it", async () => {
  await show(costViews.cents);
  const before = text(".cc-readout-when .cc-readout-name");
  const { left, top } = slider().getBoundingClientRect();

  const at = { clientX: left + 100, clientY: top + 40, bubbles: true };
  slider().dispatchEvent(new PointerEvent("pointermove", at));
  const during = text(".cc-readout-when .cc-readout-name");
  slider().dispatchEvent(new PointerEvent("pointerleave"));

  expect(during).not.toBe(before);
  expect(text(".cc-readout-when .cc-readout-name")).toBe(before);
});

it("shows the same numbers as a table", async () => {
  await show(costViews.cents);

  byName("Show as table")?.click();
  await drawn();

  const rows = all(".cc-table-hold tbody tr").map((row) =>
    [...row.children].map((cell) => cell.textContent?.trim()),
  );
  expect(rows).toEqual([
    ["Sat 21 Nov, 12:50", "–", "1", "1", "unpriced"],
    ["Sat 21 Nov, 12:45", "$0.0034", "", "1", "$0.0034"],
    ["Sat 21 Nov, 12:35", "$0.0022", "", "1", "$0.0022"],
  ]);
  expect(all("svg.cc-chart")).toEqual([]);
});

it("lists chats dearest first, with what is unpriced apart", async () => {
  await show(costViews.cents);

  const rows = all(".cc-costs-chats tbody tr, .cc-costs-chats tfoot tr").map((row) => [
    row.firstElementChild?.textContent,
    row.lastElementChild?.textContent?.replace(/\s+/g, " ").trim(),
  ]);
  expect(rows.map(([, cost]) => cost)).toEqual([
    "$0.0056",
    "unpriced",
    "$0.0056 + 1 unpriced",
  ]);
  expect(rows.at(-1)?.[0]).toBe("Total");
});

it("says so when the server counted something else", async () => {
  await show(costViews.month);
  expect(text(".cc-costs-server")).toContain("The server counted $17.43");
  close();

  await show(costViews.cents);
  expect(text(".cc-costs-server")).toBeUndefined();
});

it("asks the kernel to read again, and says what it answered", async () => {
  await show(costViews.month);

  byName("Read again")?.click();
  await drawn();
  const { id, intent } = page.model.sent.at(-1) as { id: string; intent: object };
  expect(intent).toEqual({ op: "refresh_costs" });
  expect(text('[role="status"]')).toBe("Reading costs");
  page.model.receive({ kind: "reply", id, error: "No answer came.", result: null });
  await drawn();

  expect(text('[role="alert"]')).toContain("No answer came.");
  expect(figures()).toHaveLength(4);
});

it("follows the kernel and keeps what was chosen", async () => {
  await show(costViews.cents);
  press("Home");
  const before = text(".cc-readout-when .cc-readout-name");

  const totals = { ...costViews.cents.totals, micros: 2_000_000 };
  const patch = { op: "fields_changed", changes: { totals } };
  page.model.receive({ kind: "patch", rev: 1, patches: [patch] });
  await drawn();

  expect(figures()[0]).toBe("$2.00");
  expect(text(".cc-readout-when .cc-readout-name")).toBe(before);
});

it("tells the kernel where the reader is, once per widget", async () => {
  await show(costViews.cents);

  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const intents = page.model.sent.filter(({ kind }) => kind === "intent");
  expect(intents.map(({ intent }) => intent)).toEqual([
    { op: "use_zone", zone: timeZone },
  ]);
});

it("says why there is nothing, and offers to look again", async () => {
  await show(costViews.empty);

  expect(text(".cc-costs-empty-title")).toBe("No cost yet");
  expect(byName("Read again")).toBeDefined();
});

it("shows a failure and no figures", async () => {
  await show(costViews.failed);

  expect(text('[role="alert"]')).toContain("You are signed out");
  expect(figures()).toEqual([]);
});

it.each([320, 360, 519, 860])("does not scroll sideways at %d px", async (width) => {
  await show(costViews.month, width);

  expect(page.el.scrollWidth).toBeLessThanOrEqual(width);
});

it("has two views of one model with hatches of their own", async () => {
  await show(costViews.cents);
  const part = createCostPart(page.model.model);
  const second = document.createElement("div");
  document.body.append(second);
  const undo = part.mount(second);
  await drawn();

  const ids = [...document.querySelectorAll("pattern")].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  undo();
  part.close();
  second.remove();
});

it("leaves no listener behind", async () => {
  await show(costViews.month);

  close();

  expect(page.model.listenerCount).toBe(0);
});
