import { expect, it } from "vitest";
import { stronger } from "../src/dom/strengthen.js";
import { answer, chatView, prose } from "./gallery/fixtures/views.js";
import { drawn, mounted } from "./support.js";

it.each([
  [".cc-a", ".cc-a:not(#cc)"],
  [".cc-a, .cc-b > p", ".cc-a:not(#cc), .cc-b > p:not(#cc)"],
  [".cc :is(ul, ol)::marker", ".cc :is(ul, ol):not(#cc)::marker"],
  ['.cc[data-x="a,b"]', '.cc[data-x="a,b"]:not(#cc)'],
  [':where(.cc[data-cc-theme="dark"])', ':where(.cc[data-cc-theme="dark"])'],
])("makes of %s %s", (selectors, expected) => {
  expect(stronger(selectors)).toBe(expected);
});

it("looks the same where the host styles every table, heading and key", async () => {
  const text = "# Head\n\n| a |\n|---|\n| 1 |\n\nSome `code`\n\n```py\nx\n```";
  const look = (el: HTMLElement) =>
    [...el.querySelectorAll("h2, th, td, tr, table, code, pre, kbd, button")].map(
      (node) => {
        const { margin, padding, fontSize, textAlign, backgroundColor, boxShadow } =
          getComputedStyle(node);
        return [margin, padding, fontSize, textAlign, backgroundColor, boxShadow].join(
          " ",
        );
      },
    );
  const view = chatView({ rows: [answer([prose(text)])] });
  const plain = mounted(view);
  await drawn();
  const expected = look(plain.el);
  plain.close();
  const host = document.createElement("style");
  host.textContent = `
    .theirs.theirs.theirs :is(h2, th, td, tr, table, code, pre, kbd) {
      margin: 9px; padding: 9px; font-size: 31px; text-align: right;
      background: red; box-shadow: 0 0 3px red; }`;
  document.head.append(host);
  document.body.classList.add("theirs");
  const styled = mounted(view);
  await drawn();

  expect(look(styled.el)).toEqual(expected);
  styled.close();
  host.remove();
  document.body.classList.remove("theirs");
});
