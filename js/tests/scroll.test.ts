import { expect, it } from "vitest";
import type { ChatPatch } from "../src/bridge/chat-types.js";
import { answer, chatView, prompt, prose } from "./gallery/fixtures/views.js";
import { drawn, type Mounted, mounted } from "./support.js";

const LONG = Array.from({ length: 60 }, (_, at) => `Paragraph ${at}.`).join("\n\n");
const more: ChatPatch = {
  op: "text_appended",
  row: 1,
  block: 0,
  field: "text",
  text: "\n\nOne more paragraph.\n\nAnd another one.",
};

async function long(): Promise<{ chat: Mounted; scroller: HTMLElement }> {
  const rows = [prompt("Why?"), answer([prose(LONG)], { is_live: true })];
  const chat = mounted(chatView({ status: "running", phase: "answering", rows }));
  await drawn();
  await drawn();
  return { chat, scroller: chat.el.querySelector(".cc-scroller") as HTMLElement };
}

const gap = (el: HTMLElement) => el.scrollHeight - el.clientHeight - el.scrollTop;
const jump = (chat: Mounted) => chat.el.querySelector<HTMLElement>(".cc-jump button");

it("stays at the end while text arrives", async () => {
  const { chat, scroller } = await long();
  expect(scroller.scrollHeight).toBeGreaterThan(scroller.clientHeight);

  chat.patch(more);
  await drawn();
  await drawn();

  expect(gap(scroller)).toBeLessThan(2);
  expect(jump(chat)).toBeNull();
  chat.close();
});

it("lets go when the reader scrolls up, and moves nothing from then on", async () => {
  const { chat, scroller } = await long();
  scroller.scrollTop -= 200;
  await expect.poll(() => jump(chat)).not.toBeNull();
  const top = scroller.scrollTop;

  chat.patch(more);
  await drawn();
  await drawn();

  expect(scroller.scrollTop).toBe(top);
  chat.close();
});

it("takes hold again at the end, and by the button", async () => {
  const { chat, scroller } = await long();
  scroller.scrollTop = 0;
  await expect.poll(() => jump(chat)).not.toBeNull();
  jump(chat)?.click();
  await expect.poll(() => jump(chat)).toBeNull();
  scroller.scrollTop = 0;
  await expect.poll(() => jump(chat)).not.toBeNull();
  scroller.scrollTop = scroller.scrollHeight;
  await expect.poll(() => jump(chat)).toBeNull();

  chat.patch(more);
  await drawn();
  await drawn();

  expect(gap(scroller)).toBeLessThan(2);
  chat.close();
});

it("keeps what is being read in place when older rows come in front", async () => {
  const { chat, scroller } = await long();
  scroller.scrollTop = 0;
  await expect.poll(() => jump(chat)).not.toBeNull();
  const first = chat.el.querySelector(".cc-message") as HTMLElement;
  const top = first.getBoundingClientRect().top;

  const rows = [prompt("Before", "u0"), answer([prose(LONG)], { key: "a0" })];
  chat.patch({ op: "rows_spliced", at: 0, removed: 0, rows });
  await drawn();
  await drawn();

  expect(Math.abs(first.getBoundingClientRect().top - top)).toBeLessThan(2);
  chat.close();
});

it("lets go when the reader selects text", async () => {
  const { chat } = await long();
  const paragraph = chat.el.querySelector(".cc-md p") as HTMLElement;

  document.getSelection()?.selectAllChildren(paragraph);

  await expect.poll(() => jump(chat)).not.toBeNull();
  document.getSelection()?.removeAllRanges();
  chat.close();
});

it("keeps header, status line and box in sight whatever the length", async () => {
  const { chat } = await long();
  const frame = chat.el.getBoundingClientRect();
  const box = chat.el.querySelector(".cc-box")?.getBoundingClientRect();

  expect(frame.height).toBeLessThanOrEqual(561);
  expect(box?.bottom).toBeLessThanOrEqual(frame.bottom);
  expect(
    chat.el.querySelector(".cc-head")?.getBoundingClientRect().top,
  ).toBeGreaterThanOrEqual(frame.top);
  chat.close();
});
