/** What the status line says: one thing at a time, the most pressing first. */
import type { ChatView } from "../../bridge/chat-types.js";
import { running } from "../../dom/clock.js";
import type { IconName } from "../../dom/icons.js";
import type { PageState } from "./page-state.js";

export interface Status {
  icon: IconName | "spinner";
  tone: "plain" | "warn" | "err";
  words: string;
  /** Facts beside the words; not spoken. */
  facts: readonly string[];
  /** Something runs that can be stopped. */
  canStop: boolean;
}

/** After this many seconds without a word the reader is told that it takes long. */
const LONG_START = 15;

export function isBusy(view: ChatView): boolean {
  return ["opening", "starting", "answering", "needs_you", "stopping"].includes(
    view.phase,
  );
}

export function statusOf(view: ChatView, page: PageState, now: number): Status {
  const canStop = isBusy(view);
  const plain = { tone: "plain", facts: [], canStop } as const;
  // Where there is no box, what was refused is said here.
  if (page.refused !== "" && view.mode === "turn")
    return { ...plain, icon: "failed", tone: "err", words: page.refused };
  const elapsed = view.since === null ? [] : [running(now - view.since)];

  if (page.stop === "unanswered")
    return { ...plain, icon: "spinner", words: "Stop sent, kernel busy" };
  if (page.stop === "sent" || view.phase === "stopping")
    return { ...plain, icon: "spinner", words: "Stopping" };
  if (view.link.phase === "failed")
    return {
      ...plain,
      icon: "unlink",
      tone: "err",
      words: "Not connected",
      facts: [view.link.error],
    };
  if (view.link.phase === "reconnecting")
    return {
      ...plain,
      icon: "unlink",
      tone: "warn",
      ...reconnecting(view, now, canStop),
    };
  if (view.retry !== null) {
    const left = Math.ceil(view.retry.at - now);
    const words = left > 0 ? `Retrying in ${running(left)}` : "Retrying";
    const facts = [`attempt ${view.retry.attempt}`];
    return { ...plain, icon: "clock", tone: "warn", words, facts };
  }
  if (view.notice !== "") return { ...plain, icon: "spinner", words: view.notice };
  switch (view.phase) {
    case "opening":
      return { ...plain, icon: "spinner", words: "Opening" };
    case "starting":
      return { ...plain, icon: "spinner", words: starting(view, now), facts: elapsed };
    case "answering":
      return { ...plain, icon: "spinner", words: "Answering", facts: elapsed };
    case "needs_you":
      return {
        ...plain,
        icon: "pause",
        tone: "warn",
        words: "Waiting for a tool's answer",
      };
    case "error":
      return { ...plain, icon: "failed", tone: "err", words: "Stopped by an error" };
    case "ready":
      return ready(view);
    default:
      return view.phase satisfies never;
  }
}

function ready(view: ChatView): Status {
  const last = view.rows.at(-1);
  const isDone = view.mode === "turn" && last?.role === "assistant";
  const words = !isDone ? "Ready" : last.is_stopped ? "Stopped" : "Done";
  const shape = !isDone ? "ready" : last.is_stopped ? "stop" : "check";
  return { icon: shape, tone: "plain", words, facts: [], canStop: false };
}

function starting(view: ChatView, now: number): string {
  const isLong = view.since !== null && now - view.since > LONG_START;
  return isLong ? "Thinking; it takes longer than usual" : "Thinking";
}

function reconnecting(view: ChatView, now: number, isBusyChat: boolean) {
  const { attempt, retry_at } = view.link;
  const left = retry_at === null ? 0 : Math.ceil(retry_at - now);
  const next = left > 0 ? `, next try in ${running(left)}` : "";
  const facts = [`attempt ${Math.max(1, attempt)}${next}`];
  if (isBusyChat) facts.push("The answer goes on at the server.");
  return { words: "Reconnecting", facts };
}
