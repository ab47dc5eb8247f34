import { expect, it } from "vitest";
import type { ChatPatch } from "../src/bridge/chat-types.js";
import { createChatPart } from "../src/views/chat/part.js";
import { FakeModel } from "./fakes/fake-model.js";
import { answer, chatView, prompt, prose } from "./gallery/fixtures/views.js";
import { drawn, mounted } from "./support.js";

const more = (text: string): ChatPatch => ({
  op: "text_appended",
  row: 1,
  block: 0,
  field: "text",
  text,
});
const running = (text: string) =>
  chatView({
    status: "running",
    phase: "answering",
    rows: [prompt("Why?"), answer([prose(text)], { is_live: true })],
  });
const answerOf = (el: Element) =>
  el.querySelector('[data-role="assistant"] .cc-body')?.textContent?.trim();
const byName = (el: Element, name: string) =>
  [...el.querySelectorAll("button")].find((b) => b.textContent?.includes(name));
const box = (el: Element) => el.querySelector("textarea") as HTMLTextAreaElement;

function type(el: Element, text: string): void {
  box(el).value = text;
  box(el).dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function press(el: Element, init: KeyboardEventInit): KeyboardEvent {
  const event = new KeyboardEvent("keydown", {
    bubbles: true,
    cancelable: true,
    ...init,
  });
  el.dispatchEvent(event);
  return event;
}

const intents = (sent: readonly Record<string, unknown>[]) =>
  sent.filter((message) => message.kind === "intent").map((message) => message.intent);

it("updates every cell that shows the same chat", async () => {
  const chat = mounted(running("Hel"));
  const second = chat.again();

  chat.patch(more("lo"));
  await drawn();

  expect([chat.el, second].map(answerOf)).toEqual(["Hello", "Hello"]);
  chat.close();
});

it("leaves no listener, no style sheet and no element behind", async () => {
  const before = document.adoptedStyleSheets.length;
  const chat = mounted(running("Hello"));
  await drawn();
  expect(document.adoptedStyleSheets.length).toBe(before + 1);

  chat.close();

  expect(chat.model.listenerCount).toBe(0);
  expect(chat.el.childElementCount).toBe(0);
  expect(document.adoptedStyleSheets.length).toBe(before);
});

it("keeps one cell alive when the other is cleared", async () => {
  const chat = mounted(running("a"));
  const { patch } = chat;
  const second = chat.again();
  second.remove();

  patch(more("b"));
  await drawn();

  expect(answerOf(chat.el)).toBe("ab");
  chat.close();
});

it("keeps draft, focus and finished nodes through updates", async () => {
  const chat = mounted(running("one\n\ntwo"));
  document.body.append(chat.el);
  type(chat.el, "a draft");
  box(chat.el).focus();
  await drawn();
  const first = chat.el.querySelector(".cc-md p");

  chat.patch(more(" and\n\nthree"));
  await drawn();

  expect(box(chat.el).value).toBe("a draft");
  expect(document.activeElement).toBe(box(chat.el));
  expect(chat.el.querySelector(".cc-md p")).toBe(first);
  chat.close();
});

it("sends on Enter, breaks the line on Shift Enter, leaves Enter to an input method", async () => {
  const chat = mounted(chatView());
  await drawn();
  type(chat.el, "  hello\n");

  press(box(chat.el), { key: "Enter", shiftKey: true });
  press(box(chat.el), { key: "Enter", isComposing: true });
  expect(intents(chat.model.sent)).toEqual([]);
  press(box(chat.el), { key: "Enter" });

  expect(intents(chat.model.sent)).toEqual([
    { op: "send", text: "  hello\n", model_config_id: null },
  ]);
  chat.close();
});

it("keeps the draft until the kernel has taken it, and says why it did not", async () => {
  const chat = mounted(chatView());
  await drawn();
  type(chat.el, "hello");
  press(box(chat.el), { key: "Enter" });
  const reply = (error: string | null) => {
    const id = chat.model.sent.at(-1)?.id;
    chat.model.receive({ kind: "reply", id, error, result: null });
  };

  reply("The server is down.");
  await drawn();
  expect(box(chat.el).value).toBe("hello");
  expect(chat.el.querySelector(".cc-refused")?.textContent).toContain("server is down");
  press(box(chat.el), { key: "Enter" });
  reply(null);
  await drawn();

  expect(box(chat.el).value).toBe("");
  expect(chat.el.querySelector(".cc-refused")).toBeNull();
  chat.close();
});

it("sends a prompt once, however often Enter is pressed", async () => {
  const chat = mounted(chatView());
  await drawn();
  type(chat.el, "hello");

  press(box(chat.el), { key: "Enter" });
  await drawn();
  press(box(chat.el), { key: "Enter" });
  byName(chat.el, "Sending")?.click();

  expect(intents(chat.model.sent).length).toBe(1);
  chat.close();
});

it("sends nothing for an empty box, but the queue's head when there is one", async () => {
  const chat = mounted(chatView({ queue: [] }));
  await drawn();
  press(box(chat.el), { key: "Enter" });
  expect(intents(chat.model.sent)).toEqual([]);

  const queue = [{ id: 9, text: "next", files: 0 }];
  chat.patch({ op: "fields_changed", changes: { queue } });
  await drawn();
  press(box(chat.el), { key: "Enter" });

  expect(intents(chat.model.sent)).toEqual([{ op: "promote_queued", queued_id: 9 }]);
  chat.close();
});

it("stops by button and by Escape, once, and the key does not reach the notebook", async () => {
  const chat = mounted(running("Hello"));
  await drawn();
  let reached = 0;
  const listener = () => {
    reached += 1;
  };
  document.addEventListener("keydown", listener);

  press(box(chat.el), { key: "Escape" });
  byName(chat.el, "Stop")?.click();
  document.removeEventListener("keydown", listener);

  expect(intents(chat.model.sent)).toEqual([{ op: "stop" }]);
  expect(reached).toBe(0);
  chat.close();
});

it("says that the kernel is busy when Stop is not answered in half a second", async () => {
  const chat = mounted(running("Hello"));
  await drawn();
  byName(chat.el, "Stop")?.click();

  await expect.poll(() => chat.el.textContent).toContain("Stop sent, kernel busy");
  const id = chat.model.sent.at(-1)?.id;
  chat.model.receive({ kind: "reply", id, error: null, result: null });

  await expect.poll(() => chat.el.textContent).not.toContain("kernel busy");
  chat.close();
});

it("shows Queue while the agent is busy and Send when it is not", async () => {
  const chat = mounted(running("Hello"));
  await drawn();
  expect(byName(chat.el, "Queue")).toBeDefined();

  chat.patch({ op: "fields_changed", changes: { phase: "ready", status: "waiting" } });
  await drawn();

  expect(byName(chat.el, "Send")).toBeDefined();
  expect(byName(chat.el, "Stop")).toBeUndefined();
  chat.close();
});

it("shows one turn without header and box, with Stop in the status line", async () => {
  const chat = mounted({ ...running("Hello"), mode: "turn" });
  await drawn();

  expect(chat.el.querySelector("textarea, .cc-head")).toBeNull();
  expect(
    chat.el.querySelector(".cc-status")?.contains(byName(chat.el, "Stop") ?? null),
  ).toBe(true);
  chat.close();
});

it("sends with the model that was picked", async () => {
  const chat = mounted(chatView());
  await drawn();
  chat.el.querySelector<HTMLElement>(".cc-picker-button")?.click();
  await drawn();
  const options = [...chat.el.querySelectorAll<HTMLElement>('[role="option"]')];
  options.find((option) => option.textContent?.includes("atlas-mini"))?.click();
  type(chat.el, "hello");

  press(box(chat.el), { key: "Enter" });

  expect(intents(chat.model.sent)).toEqual([
    { op: "send", text: "hello", model_config_id: "m2" },
  ]);
  chat.close();
});

it("picks a model by keyboard and gives the focus back", async () => {
  const chat = mounted(chatView());
  await drawn();
  const picker = chat.el.querySelector(".cc-picker-button") as HTMLElement;
  picker.focus();
  picker.click();
  await drawn();

  press(picker, { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toContain("atlas-mini");
  press(document.activeElement as Element, { key: "Enter" });
  await drawn();

  expect(document.activeElement).toBe(picker);
  expect(picker.textContent).toContain("atlas-mini");
  expect(chat.el.querySelector('[role="listbox"]')).toBeNull();
  chat.close();
});

it("says when the kernel is gone, and offers no box", async () => {
  const host = document.createElement("div");
  const cell = document.createElement("div");
  host.append(cell);
  document.body.append(host);
  const view = { rev: 0, view: chatView({ rows: [prompt("Why?")] }) };
  const part = createChatPart(new FakeModel({ view }).model);
  const undo = part.mount(cell);
  await drawn();
  expect(box(cell)).not.toBeNull();

  host.classList.add("jupyter-widgets-disconnected");
  await drawn();

  expect(cell.textContent).toContain("Not connected to a kernel");
  expect(box(cell)).toBeNull();
  undo();
  part.close();
  host.remove();
});

it("keeps keys of the box from the notebook's shortcuts, uses no ids, names its regions", async () => {
  const chat = mounted(running("Hello"));
  await drawn();

  expect(chat.el.dataset.lmSuppressShortcuts).toBe("true");
  expect(chat.el.querySelectorAll("[id]").length).toBe(0);
  expect(chat.el.getAttribute("role")).toBe("region");
  expect(chat.el.querySelector('[role="log"]')?.getAttribute("aria-live")).toBe("off");
  for (const button of chat.el.querySelectorAll("button"))
    expect(
      button.textContent?.trim() || button.getAttribute("aria-label"),
    ).toBeTruthy();
  chat.close();
});
