/** One Markdown token as HTML text; nothing of the source gets through as HTML. */
import { Marked, type Token, type TokensList } from "marked";
import { safeUrl } from "./safe-url.js";

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function link(address: string, inner: string): string {
  const url = safeUrl(address);
  if (url === undefined) return inner;
  if (url.startsWith("#")) return `<a href="${escapeHtml(url)}">${inner}</a>`;
  return `<a href="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">${inner}</a>`;
}

const marked = new Marked({
  gfm: true,
  renderer: {
    // Raw HTML is text. A line break is what models mean it for in tables.
    html: ({ text }) => (/^<br\s*\/?>$/i.test(text.trim()) ? "<br>" : escapeHtml(text)),
    link({ href, tokens }) {
      return link(href, this.parser.parseInline(tokens));
    },
    // Fetching a picture tells its host what was said: a link does not.
    image: ({ href, text }) => link(href, escapeHtml(text || href)),
    heading({ tokens, depth }) {
      const level = Math.min(depth + 1, 6);
      return `<h${level} class="cc-h${depth}">${this.parser.parseInline(tokens)}</h${level}>`;
    },
    code: ({ text, lang }) => {
      const language = (lang ?? "").trim().split(/\s+/)[0] ?? "";
      return `<pre><code data-lang="${escapeHtml(language)}">${escapeHtml(text)}\n</code></pre>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    tablecell(token) {
      const tag = token.header ? "th" : "td";
      const align = token.align ? ` class="cc-${token.align}"` : "";
      return `<${tag}${align}>${this.parser.parseInline(token.tokens)}</${tag}>`;
    },
  },
});

export function lex(source: string): TokensList {
  return marked.lexer(source);
}

/** Links are resolved when lexing, so a token can be rendered by itself. */
export function tokenHtml(token: Token): string {
  return marked.parser([token]);
}
