/** Earlier prompts of the chat, by the arrow keys of an empty box. */
import type { ChatView } from "../../bridge/chat-types.js";
import type { PageState } from "./page-state.js";

/** Text that was put in the box, and how far back it is; 0 is the draft. */
export interface Recall {
  back: number;
  text: string;
}

export const NO_RECALL: Recall = { back: 0, text: "" };

/**
 * Step back (1) or forth (-1) through the prompts. Returns whether the box shows
 * another text now; text that someone has typed is never replaced.
 */
export function recall(view: ChatView, page: PageState, step: 1 | -1): boolean {
  const { back, text } = page.recall;
  if (page.draft !== (back > 0 ? text : "")) return false;
  const earlier = prompts(view);
  const next = back + step;
  if (next < 0 || next > earlier.length) return false;
  const found = next === 0 ? "" : (earlier[earlier.length - next] ?? "");
  page.recall = { back: next, text: found };
  page.draft = found;
  return true;
}

function prompts(view: ChatView): string[] {
  const said = view.rows
    .filter((row) => row.role === "user")
    .map((row) => row.blocks.flatMap((b) => (b.kind === "text" ? [b.text] : [])))
    .map((texts) => texts.join("\n"))
    .filter((text) => text !== "");
  return said.filter((text, at) => text !== said[at + 1]);
}
