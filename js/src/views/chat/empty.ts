/** A chat before its first prompt. */
import { html, type TemplateResult } from "lit-html";
import { type IconName, icon } from "../../dom/icons.js";

const EXAMPLES: readonly { icon: IconName; text: string }[] = [
  { icon: "fn", text: "Write a pandas snippet that sums sales by month" },
  { icon: "terminal", text: "Explain what happens when a notebook cell runs" },
  { icon: "file", text: "Draft a test for a function that parses dates" },
];

export function emptyChat(use: (text: string) => void): TemplateResult {
  return html`<div class="cc-message" data-role="system">
    <div class="cc-gutter"><span class="cc-who">Agent</span></div>
    <div class="cc-body">
      <div class="cc-prose">Ask a question, or start from one of these.</div>
      <div class="cc-examples cc-frame">
        ${EXAMPLES.map(
          (example) => html`<button
            type="button"
            class="cc-example"
            @click=${() => use(example.text)}
          >${icon(example.icon)}<span>${example.text}</span></button>`,
        )}
      </div>
    </div>
  </div>`;
}
