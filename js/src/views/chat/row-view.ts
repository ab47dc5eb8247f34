/** One speaker's share of a turn: who and when beside what was said. */
import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Block, Footer, Row } from "../../bridge/chat-types.js";
import { answerCost, tokens } from "../../dom/amounts.js";
import { copyText } from "../../dom/clipboard.js";
import { duration, timeOfDay } from "../../dom/clock.js";
import { iconButton } from "../../dom/controls.js";
import { icon } from "../../dom/icons.js";
import { type BlockView, createBlockView } from "./block-views.js";

const WHO: Record<Row["role"], string> = {
  assistant: "Agent",
  system: "System",
  user: "You",
};

export class RowView {
  readonly el = document.createElement("div");
  readonly #gutter = document.createElement("div");
  readonly #body = document.createElement("div");
  readonly #foot = document.createElement("div");
  #blocks: BlockView[] = [];
  #row: Row | undefined;

  constructor(role: Row["role"]) {
    this.el.className = "cc-message";
    this.el.dataset.role = role;
    this.#gutter.className = "cc-gutter";
    this.#body.className = "cc-body";
    this.#foot.className = "cc-foot";
    this.el.append(this.#gutter, this.#body);
    if (role === "assistant") this.el.append(this.#foot);
  }

  get isBehind(): boolean {
    return this.#blocks.some((block) => block.isBehind);
  }

  update(row: Row): void {
    if (row === this.#row && !this.isBehind) return;
    const before = this.#row;
    this.#row = row;
    if (before?.at !== row.at || before?.role !== row.role)
      render(gutter(row), this.#gutter);
    this.#updateBlocks(row);
    if (row.role === "assistant" && before !== row)
      render(this.#footer(row), this.#foot);
  }

  #updateBlocks(row: Row): void {
    const last = row.blocks.length - 1;
    row.blocks.forEach((block, at) => {
      let view = this.#blocks[at];
      if (view === undefined || view.kind !== block.kind) {
        const fresh = createBlockView(block, row.role);
        if (view === undefined) this.#body.append(fresh.el);
        else view.el.replaceWith(fresh.el);
        this.#blocks[at] = fresh;
        view = fresh;
      }
      view.update(block, row.is_live && at === last);
    });
    for (const view of this.#blocks.splice(row.blocks.length)) view.el.remove();
  }

  #footer(row: Row): TemplateResult {
    const stopped = row.is_stopped
      ? html`<div class="cc-stopped">
          ${icon("stop")}<span>Stopped. The text above is kept and is part of the chat.</span>
        </div>`
      : nothing;
    if (row.footer === null) return html`${stopped}`;
    return html`${stopped}
      <div class="cc-facts">
        ${facts(row.footer)}
        <span class="cc-facts-actions">
          ${iconButton({
            icon: "copy",
            label: "Copy the answer as Markdown",
            onPress: () => void copyText(answerText(row.blocks)),
          })}
        </span>
      </div>`;
  }
}

function gutter(row: Row): TemplateResult {
  const time =
    row.at === null
      ? nothing
      : html`<time class="cc-when" datetime=${new Date(row.at * 1_000).toISOString()}
          >${timeOfDay(row.at)}</time
        >`;
  return html`<span class="cc-who">${WHO[row.role]}</span>${time}`;
}

/** The text of an answer without its thoughts and tools. */
export function answerText(blocks: readonly Block[]): string {
  return blocks
    .flatMap((block) => (block.kind === "text" ? [block.text] : []))
    .join("\n\n");
}

function facts(footer: Footer): TemplateResult {
  const count = (value: number | null, word: string) =>
    value === null ? nothing : html`<span><b>${tokens(value)}</b> ${word}</span>`;
  const took = footer.seconds === null ? "" : duration(footer.seconds);
  return html`${footer.model ? html`<span>${footer.model}</span>` : nothing}
    ${count(footer.input_tokens, "in")} ${count(footer.output_tokens, "out")}
    ${footer.cached_tokens ? count(footer.cached_tokens, "cached") : nothing}
    ${cost(footer)} ${took ? html`<span>${took}</span>` : nothing}`;
}

function cost(footer: Footer): TemplateResult | typeof nothing {
  if (footer.cost_micros === 0 && footer.is_priced)
    return html`<span><b>$0.00</b></span>`;
  if (footer.cost_micros !== null) {
    const part = footer.is_priced ? "" : " and more, not all of it is priced";
    return html`<span><b>about ${answerCost(footer.cost_micros)}</b>${part}</span>`;
  }
  if (footer.input_tokens === null && footer.output_tokens === null) return nothing;
  return html`<span class="cc-unpriced">${icon("alert")}<b>unpriced</b></span>`;
}
