/** Thinking, tool calls and sources: one line each, more on request. */
import { html, nothing, render, type TemplateResult } from "lit-html";
import type {
  Block,
  ReasoningBlock,
  SourcesBlock,
  ToolBlock,
} from "../../bridge/chat-types.js";
import { copyText } from "../../dom/clipboard.js";
import { duration } from "../../dom/clock.js";
import { button } from "../../dom/controls.js";
import { type IconName, icon, spinner } from "../../dom/icons.js";
import { safeUrl } from "../../markdown/safe-url.js";
import { StreamingMarkdown } from "../../markdown/streaming.js";
import type { BlockView } from "./block-views.js";
import { thoughtTitle } from "./thought-title.js";

/** Lines of output that an open step shows before it is asked for all. */
const FEW_LINES = 12;

type Step = ReasoningBlock | ToolBlock | SourcesBlock;

export class StepView implements BlockView {
  readonly el = document.createElement("div");
  readonly kind: Step["kind"];
  readonly isBehind = false;
  readonly #thought: HTMLElement | undefined;
  readonly #markdown: StreamingMarkdown | undefined;
  #isExpanded = false;
  #showsAll = false;
  #block: Step | undefined;
  #isOpen = false;

  constructor(kind: Step["kind"]) {
    this.kind = kind;
    this.el.className = "cc-step";
    if (kind === "reasoning") {
      this.#thought = document.createElement("div");
      this.#thought.className = "cc-md cc-thought";
      this.#markdown = new StreamingMarkdown(this.#thought);
    }
  }

  update(block: Block, isOpen: boolean): void {
    if (block.kind !== this.kind) return;
    if (block === this.#block && isOpen === this.#isOpen) return;
    this.#block = block as Step;
    this.#isOpen = isOpen;
    this.#draw();
  }

  #draw(): void {
    const block = this.#block;
    if (block === undefined) return;
    if (block.kind === "reasoning" && this.#isExpanded) {
      const body = thoughtTitle(block.text).body;
      if (this.#isOpen) this.#markdown?.update(body);
      else this.#markdown?.end(body);
    }
    const toggle = () => {
      this.#isExpanded = !this.#isExpanded;
      this.#draw();
    };
    render(
      html`<button
          type="button"
          class="cc-step-head"
          aria-expanded=${this.#isExpanded ? "true" : "false"}
          @click=${toggle}
        >${icon(this.#isExpanded ? "chevronDown" : "chevronRight")}${this.#head(block)}</button>
        ${this.#isExpanded ? html`<div class="cc-step-body">${this.#body(block)}</div>` : nothing}`,
      this.el,
    );
  }

  #head(block: Step): TemplateResult {
    switch (block.kind) {
      case "reasoning": {
        const { title } = thoughtTitle(block.text);
        const name = this.#isOpen ? "Thinking" : "Thought";
        const state = this.#isOpen ? spinner() : nothing;
        return head(
          "thought",
          name,
          title,
          false,
          html`${state}${took(block.seconds)}`,
        );
      }
      case "tool": {
        const kind = block.name === "execute" ? "terminal" : "fn";
        const state = html`${toolState(block)}${took(block.seconds)}`;
        return head(kind, block.name, block.summary, true, state);
      }
      case "sources": {
        const count = block.sources.length;
        const name = count === 1 ? "1 source" : `${count} sources`;
        const titles = block.sources.map((source) => source.title).join(", ");
        return head("link", name, titles, false, html``);
      }
      default:
        return block satisfies never;
    }
  }

  #body(block: Step): TemplateResult {
    switch (block.kind) {
      case "reasoning":
        return html`${this.#thought}`;
      case "tool":
        return html`<dl class="cc-io">
          ${block.args ? io("Input", html`<pre>${block.args}</pre>`) : nothing}
          ${block.result ? io("Output", this.#output(block)) : nothing}
          ${!block.args && !block.result ? io("Output", html`Nothing yet`) : nothing}
        </dl>`;
      case "sources":
        return html`<ol class="cc-sources">
          ${block.sources.map((source) => html`<li>${sourceLink(source)}</li>`)}
        </ol>`;
      default:
        return block satisfies never;
    }
  }

  #output(block: ToolBlock): TemplateResult {
    const lines = block.result.split("\n");
    const isLong = lines.length > FEW_LINES;
    // What went wrong stands at the end.
    const few =
      block.state === "failed" ? lines.slice(-FEW_LINES) : lines.slice(0, FEW_LINES);
    const shown = isLong && !this.#showsAll ? few : lines;
    const toggle = () => {
      this.#showsAll = !this.#showsAll;
      this.#draw();
    };
    return html`<pre>${shown.join("\n")}</pre>
      ${
        block.elided > 0 && (this.#showsAll || !isLong)
          ? html`<div class="cc-io-more">
              ${block.elided.toLocaleString("en-US")} more characters are not shown here.
            </div>`
          : nothing
      }
      <div class="cc-io-actions">
        ${
          isLong
            ? button({
                label: this.#showsAll
                  ? "Show fewer lines"
                  : `Show all ${lines.length} lines`,
                kind: "quiet",
                size: "small",
                onPress: toggle,
              })
            : nothing
        }
        ${button({
          label: "Copy output",
          icon: "copy",
          kind: "quiet",
          size: "small",
          onPress: () => void copyText(block.result),
        })}
      </div>`;
  }
}

function head(
  kind: IconName,
  name: string,
  summary: string,
  isCode: boolean,
  state: TemplateResult,
): TemplateResult {
  return html`${icon(kind, "cc-step-icon")}<span class="cc-step-name">${name}</span
    ><span class="cc-step-summary ${isCode ? "cc-step-code" : ""}">${summary}</span
    ><span class="cc-step-state">${state}</span>`;
}

function took(seconds: number | null): TemplateResult {
  return html`<span class="cc-step-time">${seconds === null ? "" : duration(seconds)}</span>`;
}

const STATES: Record<ToolBlock["state"], [IconName | "spinner", string]> = {
  done: ["check", "Done"],
  failed: ["failed", "Failed"],
  running: ["spinner", "Running"],
  stopped: ["stop", "Stopped"],
  waiting: ["pause", "Waiting for you"],
};

function toolState(block: ToolBlock): TemplateResult {
  const [shape, word] = STATES[block.state];
  return html`<span class="cc-state cc-state-${block.state}">${
    shape === "spinner" ? spinner() : icon(shape)
  }<span class="cc-state-word">${word}</span></span>`;
}

function io(label: string, value: TemplateResult): TemplateResult {
  return html`<dt>${label}</dt><dd>${value}</dd>`;
}

function sourceLink(source: { url: string; title: string }): TemplateResult {
  const url = safeUrl(source.url);
  if (url === undefined) return html`${source.title}`;
  return html`<a href=${url} target="_blank" rel="noopener noreferrer">${source.title}</a>
    <span class="cc-source-host">${new URL(url).hostname}</span>`;
}
