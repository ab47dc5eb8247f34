import type { Host, RenderProps } from "@anywidget/types";
import { expect, it, vi } from "vitest";
import child from "../src/entries/child.js";
import { FakeModel } from "./fakes/fake-model.js";

const signal = new AbortController().signal;
const experimental = { invoke: () => Promise.reject(new Error("not used")) };

/** A page that counts what is mounted and closed. */
function fakePage() {
  const counts = { made: 0, mounted: 0, closed: 0 };
  const create = () => {
    counts.made += 1;
    return {
      mount(el: HTMLElement) {
        counts.mounted += 1;
        el.textContent = "drawn";
        return () => {
          counts.mounted -= 1;
        };
      },
      close() {
        counts.closed += 1;
      },
    };
  };
  return { counts, page: { parts: { chat: create } } };
}

function hostWith(page: object): Host {
  const getWidget = vi
    .fn()
    .mockResolvedValue({ exports: { page: Promise.resolve(page) } });
  return { getWidget, getModel: vi.fn() } as unknown as Host;
}

it("takes the page's code from the hub, once for all cells of a model", async () => {
  const { counts, page } = fakePage();
  const model = new FakeModel({ _kind: "chat", _hub: "anywidget:1" }).model;
  const host = hostWith(page);
  const widget = child();
  const close = widget.initialize({ model, signal, experimental });
  const cells = [document.createElement("div"), document.createElement("div")];

  const undos = [];
  for (const el of cells)
    undos.push(await widget.render({ model, el, host, signal, experimental }));

  expect(counts).toEqual({ made: 1, mounted: 2, closed: 0 });
  expect(host.getWidget).toHaveBeenCalledWith("anywidget:1");
  for (const undo of undos) undo();
  close();
  await expect.poll(() => counts).toEqual({ made: 1, mounted: 0, closed: 1 });
  expect(cells.map((cell) => cell.childElementCount)).toEqual([0, 0]);
});

it("asks the kernel for the code where the host has no widgets to share", async () => {
  const fake = new FakeModel({ _kind: "chat", _hub: "anywidget:1" });
  const widget = child();
  const el = document.createElement("div");
  const code = `export const parts = { chat: () => ({
    mount: (el) => { el.textContent = "from the kernel"; return () => {}; },
    close() {} }) };`;

  widget.initialize({ model: fake.model, signal, experimental });
  const props = { model: fake.model, el, signal, experimental };
  const rendered = widget.render(props as unknown as RenderProps);
  expect(fake.sent).toEqual([{ kind: "page" }]);
  fake.receive({ kind: "page", code });
  await rendered;

  expect(el.textContent).toBe("from the kernel");
  expect(fake.listenerCount).toBe(0);
});

it("asks the kernel when the hub is not to be had", async () => {
  const fake = new FakeModel({ _kind: "chat", _hub: "anywidget:1" });
  const host = hostWith({});
  vi.mocked(host.getWidget).mockRejectedValue(new Error("no such widget"));
  const widget = child();
  const el = document.createElement("div");

  const rendered = widget.render({ model: fake.model, el, host, signal, experimental });
  await expect.poll(() => fake.sent).toEqual([{ kind: "page" }]);
  fake.receive({
    kind: "page",
    code: "export const parts = { chat: () => ({ mount: () => () => {}, close() {} }) };",
  });

  await rendered;
});
