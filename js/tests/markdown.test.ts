import { expect, it } from "vitest";
import { StreamingMarkdown } from "../src/markdown/streaming.js";

const SAMPLES: Record<string, string> = {
  prose: "# Title\n\nOne *two* **three** `four`.\n\nNext line  \nbroken.\n",
  lists: "- a\n- b\n  - c\n\n  more of b\n\n1. one\n2. two\n\n- [ ] open\n- [x] done\n",
  table: "| a | b |\n|:--|--:|\n| 1 | 2 |\n| <br> | `x|y` |\n\nafter\n",
  fence: "text\n\n```python\ndef f():\n    return '```'\n```\n\n~~~\nplain\n~~~\ntail",
  unclosed: "before\n\n```js\nconst a = 1;\n",
  quote: "> quoted\n> more\n\n> > deep\n\n---\n\nend\n",
  setext: "Heading\n===\n\nOther\n---\n\ntext\n",
  references:
    "See [one] and [two][x].\n\n- [one] again\n\n[one]: https://example.org\n[x]: /no\n",
  html: "a <b>bold</b> <br> c\n\n<div onclick='x()'>\n\n**in**\n\n</div>\n\n<!-- note -->\n",
  crlf: "a\r\n\r\nb\r\n\r\n- c\r\n- d\r\n\r\n```\r\nx\r\n```\r\n",
  links:
    "<https://example.org> https://example.com/a_b_c [t](https://e.org 'T') ![i](https://e.org/i.png)\n",
  unicode: "😀 emoji and é\n\n- 日本語\n- *ünï*\n",
  blank: "\n\n  \n\n",
};

function oneShot(text: string): string {
  const el = document.createElement("div");
  new StreamingMarkdown(el).end(text);
  return el.innerHTML;
}

function streamed(text: string, cuts: Iterable<number>): string {
  const el = document.createElement("div");
  const markdown = new StreamingMarkdown(el);
  for (const cut of cuts) markdown.update(text.slice(0, cut));
  markdown.end(text);
  return el.innerHTML;
}

it.each(Object.keys(SAMPLES))(
  "renders %s the same in one go, letter by letter and cut in two anywhere",
  (name) => {
    const text = SAMPLES[name] ?? "";
    const whole = oneShot(text);

    expect(
      streamed(
        text,
        Array.from(text, (_, at) => at + 1),
      ),
    ).toBe(whole);
    for (let cut = 0; cut <= text.length; cut += 1)
      expect(streamed(text, [cut]), `cut at ${cut}`).toBe(whole);
  },
);

it("shows while streaming what a render of the same beginning shows", () => {
  const text = [SAMPLES.prose, SAMPLES.lists, SAMPLES.table, SAMPLES.quote].join("\n");
  const el = document.createElement("div");
  const markdown = new StreamingMarkdown(el);

  for (let cut = 0; cut <= text.length; cut += 3) {
    markdown.update(text.slice(0, cut));
    expect(el.innerHTML, `after ${cut}`).toBe(oneShot(text.slice(0, cut)));
  }
});

it("never touches a block that is finished", () => {
  const el = document.createElement("div");
  const markdown = new StreamingMarkdown(el);
  markdown.update("first\n\nsecond\n\n```python\nx = 1\n```\n\nthird");
  const before = [...el.children].slice(0, 3);

  markdown.update(
    "first\n\nsecond\n\n```python\nx = 1\n```\n\nthird is longer\n\nand on",
  );
  markdown.end("first\n\nsecond\n\n```python\nx = 1\n```\n\nthird is longer\n\nand on");

  expect([...el.children].slice(0, 3)).toEqual(before);
  before.forEach((node, at) => {
    expect(el.children[at]).toBe(node);
  });
});

it("starts anew when the text is another one", () => {
  const el = document.createElement("div");
  const markdown = new StreamingMarkdown(el);
  markdown.update("one\n\ntwo");

  markdown.update("three");

  expect(el.textContent?.trim()).toBe("three");
});

it("colours code of a language it knows and leaves others plain", () => {
  const el = document.createElement("div");

  new StreamingMarkdown(el).end(
    "```python\nimport os\n```\n\n```cobol\nMOVE A TO B\n```",
  );

  const [python, cobol] = el.querySelectorAll("code");
  expect(python?.querySelector(".hljs-keyword")?.textContent).toBe("import");
  expect(cobol?.children.length).toBe(0);
  expect(
    [...el.querySelectorAll(".cc-code-bar span")].map((s) => s.textContent),
  ).toEqual(["python", "cobol"]);
});
