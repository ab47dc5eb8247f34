/** What a model writes is hostile: nothing of it may run, load or lead astray. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { safeUrl } from "../src/markdown/safe-url.js";
import { StreamingMarkdown } from "../src/markdown/streaming.js";
import { answer, chatView, prompt, tool } from "./gallery/fixtures/views.js";
import { mounted } from "./support.js";

const SCRIPTS = [
  "<script>window.pwned()</script>",
  "<img src=x onerror=window.pwned()>",
  "<svg onload=window.pwned()></svg>",
  "<svg><script>window.pwned()</script></svg>",
  "<iframe src='javascript:parent.pwned()'></iframe>",
  "<details open ontoggle=window.pwned()>x</details>",
  "<math><mtext><table><mglyph><style><img src=x onerror=window.pwned()>",
  "<a href='javascript:window.pwned()'>x</a>",
  "[x](javascript:window.pwned())",
  "[x](JaVaScRiPt:window.pwned())",
  "[x](java\tscript:window.pwned())",
  "[x](&#106;avascript:window.pwned())",
  "[x](javascript&colon;window.pwned())",
  "[x](vbscript:pwned)",
  "[x](data:text/html,<script>parent.pwned()</script>)",
  "[x](file:///etc/passwd)",
  "<javascript:window.pwned()>",
  "![x](javascript:window.pwned())",
  "![x](x' onerror='window.pwned())",
  '[x](https://example.org" onmouseover="window.pwned())',
  "[x](https://example.org 't\" onclick=\"window.pwned()')",
  "```<img src=x onerror=window.pwned()>\ncode\n```",
  "```html\n<img src=x onerror=window.pwned()>\n```",
  "```js\n</code></pre><img src=x onerror=window.pwned()>\n```",
  "`<img src=x onerror=window.pwned()>`",
  "| <img src=x onerror=window.pwned()> |\n|---|\n| <svg onload=window.pwned()> |",
  "[x]: javascript:window.pwned()\n\n[x]",
  "<form action='javascript:window.pwned()'><button>go</button></form>",
  "<style>@import 'https://evil.example/x.css'</style>",
  "<base href='https://evil.example/'>",
  "<meta http-equiv=refresh content='0;url=https://evil.example'>",
  "<input autofocus onfocus=window.pwned()>",
  "<a id=document name=cookie>x</a>",
];

const pwned = vi.fn();
let loads: string[] = [];
let observer: PerformanceObserver;

beforeEach(() => {
  Object.assign(window, { pwned });
  pwned.mockClear();
  loads = [];
  observer = new PerformanceObserver((list) => {
    loads.push(...list.getEntries().map((entry) => entry.name));
  });
  observer.observe({ type: "resource" });
});
afterEach(() => observer.disconnect());

function harmless(el: Element): void {
  for (const node of el.querySelectorAll("*")) {
    expect(node.id).toBe("");
    for (const { name, value } of node.attributes) {
      expect(name).not.toMatch(/^on|^style$|^src|^name$/);
      if (name === "href") expect(value).toMatch(/^(https?:|mailto:|#)/);
    }
  }
  const forbidden =
    "script,iframe,img,style,base,meta,form,input,object,embed,link,svg";
  expect(el.querySelectorAll(forbidden).length).toBe(0);
}

async function clickAll(el: Element): Promise<void> {
  for (const node of el.querySelectorAll<HTMLElement>("*")) {
    node.addEventListener("click", (event) => event.preventDefault());
    node.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
  }
  await new Promise((done) => setTimeout(done, 20));
}

it.each(SCRIPTS)("does nothing with %s, whole or while it arrives", async (payload) => {
  const el = document.createElement("div");
  document.body.append(el);
  const markdown = new StreamingMarkdown(el);

  for (let cut = 1; cut <= payload.length; cut += 1) {
    markdown.update(payload.slice(0, cut));
    harmless(el);
  }
  markdown.end(payload);
  await clickAll(el);

  harmless(el);
  expect(pwned).not.toHaveBeenCalled();
  expect(loads.filter((name) => name.includes("evil"))).toEqual([]);
  el.remove();
});

it("turns a picture of another host into a link", () => {
  const el = document.createElement("div");

  new StreamingMarkdown(el).end("![a cat](https://example.org/cat.png?q=secret)");

  const link = el.querySelector("a");
  expect(link?.textContent).toBe("a cat");
  expect(link?.rel).toBe("noopener noreferrer");
  expect(link?.target).toBe("_blank");
  expect(el.querySelector("img")).toBeNull();
});

it.each([
  ["https://example.org/a?b#c", "https://example.org/a?b#c"],
  ["mailto:a@example.org", "mailto:a@example.org"],
  ["#part-2", "#part-2"],
  ["/lab/tree/x", undefined],
  ["notes.md", undefined],
  ["javascript:alert(1)", undefined],
  ["java\u0000script:alert(1)", undefined],
  [" javascript:alert(1)", undefined],
  ["data:text/html,x", undefined],
  ["//evil.example/x", undefined],
  ["blob:https://example.org/1", undefined],
])("makes of the address %s %s", (address, expected) => {
  expect(safeUrl(address)).toBe(expected);
});

it("shows what names, prompts, tools and errors say as text everywhere", async () => {
  const evil = "<img src=x onerror=window.pwned()>";
  const view = chatView({
    title: evil,
    status: "error",
    phase: "error",
    rows: [
      prompt(evil),
      answer([
        { kind: "reasoning", text: evil, seconds: 1 },
        tool(evil, { summary: evil, args: evil, result: evil }),
        {
          kind: "sources",
          sources: [{ url: "javascript:window.pwned()", title: evil }],
        },
        { kind: "file", name: evil, detail: evil },
        { kind: "note", title: evil, text: evil },
      ]),
    ],
    queue: [{ id: 1, text: evil, files: 0 }],
    problem: {
      title: evil,
      message: evil,
      detail: evil,
      kind: "",
      status_code: 0,
      is_retryable: false,
    },
    models: [
      {
        id: "m",
        name: evil,
        provider: evil,
        context_limit: 1,
        input_price: null,
        output_price: null,
      },
    ],
  });
  const { el, close } = mounted(view);

  for (const button of el.querySelectorAll<HTMLElement>(
    ".cc-step-head, .cc-picker-button",
  ))
    button.click();
  await clickAll(el);

  expect(el.querySelector("img, script")).toBeNull();
  for (const link of el.querySelectorAll("a")) expect(link.href).toMatch(/^https?:/);
  expect(pwned).not.toHaveBeenCalled();
  close();
});
