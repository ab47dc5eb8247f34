/** Blocks of a row as DOM that is kept and updated, never redrawn as a whole. */
import { html, nothing, render } from "lit-html";
import type { Block } from "../../bridge/chat-types.js";
import { icon } from "../../dom/icons.js";
import { StreamingMarkdown } from "../../markdown/streaming.js";
import { Reveal } from "./reveal.js";
import { StepView } from "./step-view.js";

export interface BlockView {
  readonly el: HTMLElement;
  readonly kind: Block["kind"];
  /** Show a block of this view's kind. `isOpen`: its text may still grow. */
  update(block: Block, isOpen: boolean): void;
  /** Text is held back, so another frame is wanted. */
  readonly isBehind: boolean;
}

export function createBlockView(block: Block, role: string): BlockView {
  switch (block.kind) {
    case "text":
      return role === "assistant" ? new ProseView() : new PlainView();
    case "reasoning":
    case "tool":
    case "sources":
      return new StepView(block.kind);
    case "file":
      return new FileView();
    case "note":
      return new NoteView();
    default:
      return block satisfies never;
  }
}

/** An answer's Markdown. */
class ProseView implements BlockView {
  readonly el = element("cc-text cc-md");
  readonly kind = "text";
  readonly #markdown = new StreamingMarkdown(this.el);
  readonly #reveal = new Reveal();
  #ended: string | undefined;

  get isBehind(): boolean {
    return this.#ended === undefined && this.#reveal.isBehind;
  }

  update(block: Block, isOpen: boolean): void {
    if (block.kind !== "text") return;
    this.el.classList.toggle("cc-open", isOpen);
    if (isOpen) {
      this.#ended = undefined;
      this.#markdown.update(this.#reveal.show(block.text, performance.now()));
    } else if (this.#ended !== block.text) {
      this.#ended = block.text;
      this.#markdown.end(block.text);
    }
  }
}

/** A prompt, as it was typed. */
class PlainView implements BlockView {
  readonly el = element("cc-prompt");
  readonly kind = "text";
  readonly isBehind = false;

  update(block: Block): void {
    if (block.kind === "text" && this.el.textContent !== block.text)
      this.el.textContent = block.text;
  }
}

class FileView implements BlockView {
  readonly el = element("cc-file");
  readonly kind = "file";
  readonly isBehind = false;

  update(block: Block): void {
    if (block.kind !== "file") return;
    const detail = block.detail
      ? html`<span class="cc-file-detail">${block.detail}</span>`
      : nothing;
    render(
      html`${icon("file")}<span class="cc-file-name">${block.name}</span>${detail}`,
      this.el,
    );
  }
}

class NoteView implements BlockView {
  readonly el = element("cc-aside");
  readonly kind = "note";
  readonly isBehind = false;

  update(block: Block): void {
    if (block.kind !== "note") return;
    const body = block.text
      ? html`<details class="cc-aside-more">
          <summary>Show</summary>
          <div class="cc-aside-text">${block.text}</div>
        </details>`
      : nothing;
    render(html`${icon("info")}<span>${block.title}</span>${body}`, this.el);
  }
}

function element(className: string): HTMLElement {
  const el = document.createElement("div");
  el.className = className;
  return el;
}
