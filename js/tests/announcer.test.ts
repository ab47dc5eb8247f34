import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ChatView } from "../src/bridge/chat-types.js";
import { type Announcer, createAnnouncer } from "../src/views/chat/announcer.js";
import { createActions } from "../src/views/chat/page-state.js";
import { statusOf } from "../src/views/chat/status.js";
import { answer, chatView, footer, prompt, prose } from "./gallery/fixtures/views.js";

const connection = {
  send: () => Promise.resolve(null),
  refresh() {},
  isGone: false,
  close() {},
};
const page = createActions(connection, () => {}).state;

let el: HTMLElement;
let announcer: Announcer;
const tell = (view: ChatView, now = 0) =>
  announcer.update(view, statusOf(view, page, now));

beforeEach(() => {
  vi.useFakeTimers();
  el = document.createElement("div");
  announcer = createAnnouncer(el);
});
afterEach(() => {
  announcer.close();
  vi.useRealTimers();
});

const READY = chatView();
const RUNNING = chatView({
  status: "running",
  phase: "answering",
  since: 0,
  rows: [prompt("Why?"), answer([prose("Because it is")], { is_live: true })],
});
const DONE = chatView({
  rows: [prompt("Why?"), answer([prose("Because it is so.")], { footer: footer() })],
});

it("says nothing of what stood there when it came", () => {
  tell(RUNNING);

  expect(el.textContent).toBe("");
});

it("speaks at most once in five seconds, and then the newest", () => {
  tell(READY);
  tell(RUNNING);
  expect(el.textContent).toBe("Answering");
  tell(DONE);
  vi.advanceTimersByTime(4_900);
  expect(el.textContent).toBe("Answering");
  vi.advanceTimersByTime(200);

  expect(el.textContent).toBe("Done, 4 words, about $0.0565");
});

it("is silent while text arrives and seconds count", () => {
  tell(READY);
  tell(RUNNING);
  vi.advanceTimersByTime(6_000);
  el.textContent = "";

  for (let now = 1; now < 20; now += 1) tell(RUNNING, now);
  vi.advanceTimersByTime(20_000);

  expect(el.textContent).toBe("");
});

it("says a retry once, not each second", () => {
  const retry = { title: "Slow", message: "", attempt: 2, at: 20 };
  tell(RUNNING);
  tell({ ...RUNNING, retry }, 1);
  expect(el.textContent).toBe("Retrying");
  el.textContent = "";

  for (let now = 2; now < 15; now += 1) {
    tell({ ...RUNNING, retry }, now);
    vi.advanceTimersByTime(1_000);
  }

  expect(el.textContent).toBe("");
});
