/** HTML text as DOM: sanitised, code coloured, tables and code in their own boxes. */
import DOMPurify, { type Config } from "dompurify";
import { highlighted } from "./highlight.js";

/** Longer code is coloured when its fence closes, not while it grows. */
const LIVE_CODE = 4_096;

// One object for all calls: a new one would be taken apart each time anew.
const ALLOWED: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: [
    ..."a b blockquote br code del em h2 h3 h4 h5 h6 hr i li ol p pre s".split(" "),
    ..."span strong sub sup table tbody td th thead tr ul".split(" "),
  ],
  ALLOWED_ATTR: ["class", "data-lang", "href", "rel", "start", "target"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
  // Checked against the address pattern otherwise, and dropped.
  ADD_URI_SAFE_ATTR: ["data-lang", "rel", "start", "target"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

function sanitised(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, ALLOWED);
}

/** The nodes of one rendered block. `isOpen`: more of it may still come. */
export function blockNodes(html: string, isOpen: boolean): Node[] {
  const fragment = sanitised(html);
  for (const pre of fragment.querySelectorAll("pre")) frameCode(pre, isOpen);
  for (const table of fragment.querySelectorAll("table")) {
    const box = document.createElement("div");
    box.className = "cc-table-box";
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Table");
    table.replaceWith(box);
    box.append(table);
  }
  return [...fragment.childNodes];
}

function frameCode(pre: HTMLPreElement, isOpen: boolean): void {
  const code = pre.querySelector("code");
  if (code === null) return;
  const text = code.textContent ?? "";
  const language = (code.dataset.lang ?? "").toLowerCase();
  code.removeAttribute("data-lang");
  if (!isOpen || text.length <= LIVE_CODE) {
    const colours = highlighted(text, language);
    if (colours !== undefined) code.replaceChildren(sanitised(colours));
  }
  const box = document.createElement("div");
  box.className = "cc-code";
  const bar = document.createElement("div");
  bar.className = "cc-code-bar";
  const name = document.createElement("span");
  name.textContent = language || "text";
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "cc-copy-code";
  copy.textContent = "Copy";
  bar.append(name, copy);
  pre.tabIndex = 0;
  pre.replaceWith(box);
  box.append(bar, pre);
}
