/**
 * The style sheet, once per document or shadow root that shows a widget.
 *
 * Adopted rather than inserted: hosts clean up foreign `<style>` elements, and
 * an adopted sheet needs no id to be found again.
 */
import css from "../styles/index.css?inline";
import type { Undo } from "./part.js";
import { strengthen } from "./strengthen.js";

type Scope = Document | ShadowRoot;

let sheet: CSSStyleSheet | undefined;
const users = new Map<Scope, number>();

function adopt(scope: Scope): Undo {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    strengthen(sheet);
  }
  const own = sheet;
  const before = users.get(scope) ?? 0;
  users.set(scope, before + 1);
  if (before === 0) scope.adoptedStyleSheets = [...scope.adoptedStyleSheets, own];
  return () => {
    const left = (users.get(scope) ?? 1) - 1;
    if (left > 0) {
      users.set(scope, left);
      return;
    }
    users.delete(scope);
    scope.adoptedStyleSheets = scope.adoptedStyleSheets.filter((s) => s !== own);
  };
}

/** Style `root`, wherever it is now and wherever it is put later. */
export function useStyles(root: HTMLElement): Undo {
  let scope: Scope = document;
  let undo = adopt(scope);
  // Hosts draw first and attach later, some of them inside a shadow root. A
  // resize is the first thing that happens to an element that was attached.
  const observer = new ResizeObserver(() => {
    const now = root.getRootNode();
    if (now === scope) return;
    if (!(now instanceof Document || now instanceof ShadowRoot)) return;
    const before = undo;
    scope = now;
    undo = adopt(scope);
    before();
  });
  observer.observe(root);
  return () => {
    observer.disconnect();
    undo();
  };
}
