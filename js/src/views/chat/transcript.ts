/** The rows of a chat, kept as DOM from one view to the next. */
import { html, nothing, render, type TemplateResult } from "lit-html";
import type { ChatView, Problem, RetryView } from "../../bridge/chat-types.js";
import { copyText } from "../../dom/clipboard.js";
import { running } from "../../dom/clock.js";
import { button } from "../../dom/controls.js";
import { icon } from "../../dom/icons.js";
import type { Undo } from "../../dom/part.js";
import { RowView } from "./row-view.js";

export interface Transcript {
  /** Show a view. Returns whether text is held back for the next frame. */
  update(view: ChatView, now: number): boolean;
  close: Undo;
}

const COPIED_MS = 1_500;

/** `el` holds the rows and stands in `scroller`. */
export function createTranscript(el: HTMLElement, scroller: HTMLElement): Transcript {
  const list = document.createElement("div");
  list.className = "cc-rows";
  const notes = document.createElement("div");
  notes.className = "cc-notes";
  el.append(list, notes);
  const rows = new Map<string, RowView>();
  let order: string[] = [];

  function updateRows(view: ChatView): boolean {
    const keys = view.rows.map((row) => row.key);
    const isSame =
      keys.length === order.length && keys.every((key, at) => key === order[at]);
    // Older rows in front must not push what is being read.
    const first = rows.get(order[0] ?? "");
    const isPushed = first !== undefined && keys[0] !== order[0];
    const before = isPushed ? first.el.getBoundingClientRect().top : 0;
    if (!isSame) reorder(view, keys);
    let isBehind = false;
    for (const row of view.rows) {
      const shown = rows.get(row.key);
      shown?.update(row);
      isBehind ||= shown?.isBehind ?? false;
    }
    if (isPushed && first.el.isConnected)
      scroller.scrollTop += first.el.getBoundingClientRect().top - before;
    return isBehind;
  }

  function reorder(view: ChatView, keys: string[]): void {
    const wanted = new Set(keys);
    for (const [key, row] of rows) {
      if (wanted.has(key)) continue;
      row.el.remove();
      rows.delete(key);
    }
    let next: ChildNode | null = list.firstChild;
    for (const row of view.rows) {
      let shown = rows.get(row.key);
      if (shown === undefined) {
        shown = new RowView(row.role);
        rows.set(row.key, shown);
      }
      if (shown.el === next) next = next.nextSibling;
      else list.insertBefore(shown.el, next);
    }
    order = keys;
  }

  async function onClick(event: MouseEvent): Promise<void> {
    const target = event.target as Element;
    const copy = target.closest<HTMLButtonElement>(".cc-copy-code");
    if (copy === null || !el.contains(copy)) return;
    const code = copy.closest(".cc-code")?.querySelector("code")?.textContent ?? "";
    const done = await copyText(code.replace(/\n$/, ""));
    copy.textContent = done ? "Copied" : "Copying is blocked";
    setTimeout(() => {
      copy.textContent = "Copy";
    }, COPIED_MS);
  }
  el.addEventListener("click", onClick);

  return {
    update(view, now) {
      const isBehind = updateRows(view);
      render(noteTemplates(view, now), notes);
      return isBehind;
    },
    close() {
      el.removeEventListener("click", onClick);
    },
  };
}

function noteTemplates(view: ChatView, now: number): TemplateResult {
  return html`${view.retry ? retryNote(view.retry, now) : nothing}
  ${view.problem ? problemNote(view.problem) : nothing}`;
}

function retryNote(retry: RetryView, now: number): TemplateResult {
  const left = Math.ceil(retry.at - now);
  const when =
    left > 0 ? html`Trying again in <b>${running(left)}</b>.` : "Trying again now.";
  return html`<div class="cc-note cc-note-warn">
    ${icon("clock")}
    <div class="cc-note-title">${retry.title}</div>
    <div class="cc-note-body">
      ${retry.message ? html`${sentence(retry.message)} ` : nothing}Attempt ${retry.attempt}.
      ${when} Your prompt and the chat so far are kept.
    </div>
  </div>`;
}

function problemNote(problem: Problem): TemplateResult {
  const status = problem.status_code ? ` (${problem.status_code})` : "";
  return html`<div class="cc-note cc-note-err" role="alert">
    ${icon("failed")}
    <div class="cc-note-title">${problem.title}${status}</div>
    <div class="cc-note-body">${problem.message}</div>
    ${
      problem.detail
        ? html`<details class="cc-note-body cc-note-more">
            <summary>Show details</summary>
            <pre>${problem.detail}</pre>
            ${button({
              label: "Copy",
              icon: "copy",
              size: "small",
              onPress: () => void copyText(problem.detail),
            })}
          </details>`
        : nothing
    }
  </div>`;
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
