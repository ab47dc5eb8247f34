/**
 * What a screen reader hears: changes of the status and the end of an answer,
 * at most one in five seconds. Streaming text and seconds are never spoken.
 */
import type { ChatView } from "../../bridge/chat-types.js";
import { answerCost } from "../../dom/amounts.js";
import type { Undo } from "../../dom/part.js";
import { answerText } from "./row-view.js";
import type { Status } from "./status.js";

const EVERY_MS = 5_000;

export interface Announcer {
  update(view: ChatView, status: Status): void;
  close: Undo;
}

export function createAnnouncer(el: HTMLElement): Announcer {
  let heard: string | undefined;
  let next = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  function speak(): void {
    timer = undefined;
    if (next === "" || next === el.textContent) return;
    el.textContent = next;
    next = "";
    timer = setTimeout(speak, EVERY_MS);
  }

  return {
    update(view, status) {
      // A count that runs is the same news each second.
      const news = status.words.replace(/ in .*/, "");
      if (news === heard) return;
      const before = heard;
      heard = news;
      if (before === undefined) return; // what stood there is no news
      next = view.phase === "ready" ? finished(view) : news;
      if (timer === undefined) speak();
    },
    close() {
      clearTimeout(timer);
    },
  };
}

function finished(view: ChatView): string {
  const row = view.rows.findLast((candidate) => candidate.role === "assistant");
  if (row === undefined) return "Ready";
  const words = answerText(row.blocks).split(/\s+/).filter(Boolean).length;
  const cost = row.footer?.cost_micros;
  const spent = cost ? `, about ${answerCost(cost)}` : "";
  return `${row.is_stopped ? "Stopped" : "Done"}, ${words} words${spent}`;
}
