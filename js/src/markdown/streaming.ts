/**
 * Markdown that grows at its end.
 *
 * Top-level blocks that are finished are drawn once and never touched again, so
 * selections in them survive and the cost of a step is that of the last block.
 * At the end the whole text is read once more: a definition that came late may
 * turn earlier text into links. What stands then equals a render in one go.
 */
import type { Token, TokensList } from "marked";
import { blockNodes } from "./block.js";
import { lex, tokenHtml } from "./html.js";

interface Drawn {
  html: string;
  nodes: Node[];
}

export class StreamingMarkdown {
  readonly #el: HTMLElement;
  #text = "";
  /** Where the blocks that may still change begin. */
  #offset = 0;
  #frozen: Drawn[] = [];
  #tail: Drawn[] = [];

  constructor(el: HTMLElement) {
    this.#el = el;
  }

  /** Show `text` so far; more may come. */
  update(source: string): void {
    const text = normal(source);
    if (text === this.#text) return;
    if (!text.startsWith(this.#text)) this.#reset();
    this.#text = text;
    const tokens = lex(text.slice(this.#offset));
    const last = lastWithContent(tokens);
    const done = tokens.slice(0, Math.max(0, last));
    if (done.length > 0) {
      this.#drop(this.#tail);
      for (const token of done) this.#draw(this.#frozen, token, false);
      this.#tail = [];
      this.#offset += done.reduce((sum, token) => sum + token.raw.length, 0);
    }
    this.#redrawTail(tokens.slice(Math.max(0, last)));
  }

  /** Show `text`, all of it. */
  end(text: string): void {
    const whole = normal(text);
    const tokens = lex(whole).filter((t) => t.type !== "space" && t.type !== "def");
    const html = tokens.map(tokenHtml);
    let same = 0;
    while (same < this.#frozen.length && this.#frozen[same]?.html === html[same])
      same += 1;
    this.#drop([...this.#frozen.slice(same), ...this.#tail]);
    this.#frozen = this.#frozen.slice(0, same);
    this.#tail = [];
    for (const token of tokens.slice(same)) this.#draw(this.#frozen, token, false);
    this.#text = whole;
    this.#offset = whole.length;
  }

  #redrawTail(tokens: readonly Token[]): void {
    const shown = tokens.filter((t) => t.type !== "space" && t.type !== "def");
    const first = shown[0];
    const known = this.#tail[0];
    if (shown.length === 1 && first && known && tokenHtml(first) === known.html) return;
    this.#drop(this.#tail);
    this.#tail = [];
    for (const token of shown) this.#draw(this.#tail, token, true);
  }

  #draw(into: Drawn[], token: Token, isOpen: boolean): void {
    if (token.type === "space" || token.type === "def") return;
    const html = tokenHtml(token);
    const nodes = blockNodes(html, isOpen);
    this.#el.append(...nodes);
    into.push({ html, nodes });
  }

  #drop(drawn: readonly Drawn[]): void {
    for (const { nodes } of drawn) for (const node of nodes) this.#el.removeChild(node);
  }

  #reset(): void {
    this.#drop([...this.#frozen, ...this.#tail]);
    this.#text = "";
    this.#offset = 0;
    this.#frozen = [];
    this.#tail = [];
  }
}

/** Line ends as the lexer counts them. */
function normal(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

function lastWithContent(tokens: TokensList): number {
  for (let at = tokens.length - 1; at >= 0; at -= 1)
    if (tokens[at]?.type !== "space") return at;
  return -1;
}
