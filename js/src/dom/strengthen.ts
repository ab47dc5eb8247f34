/**
 * Our rules before the host's, whatever these say of elements inside an output.
 *
 * JupyterLab styles headings, tables, code and keys of every output. Each of our
 * selectors gets `:not(#cc)` at its end: that is always true, as no element of
 * ours has an id, and outweighs any number of classes. Tokens stay weak, so that
 * a host may set them.
 */

const ALWAYS = ":not(#cc)";

export function strengthen(rules: CSSStyleSheet | CSSGroupingRule): void {
  for (const rule of rules.cssRules) {
    if (rule instanceof CSSStyleRule) rule.selectorText = stronger(rule.selectorText);
    else if (rule instanceof CSSGroupingRule) strengthen(rule);
  }
}

/** A list of selectors, each of them outweighing classes. */
export function stronger(selectors: string): string {
  return parts(selectors).map(one).join(", ");
}

function one(selector: string): string {
  if (selector.startsWith(":where(.cc")) return selector;
  const pseudo = selector.search(/::[\w-]+(?:\([^)]*\))?$/);
  if (pseudo < 0) return selector + ALWAYS;
  return selector.slice(0, pseudo) + ALWAYS + selector.slice(pseudo);
}

/** Cut at commas that are not inside brackets. */
function parts(selectors: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < selectors.length; at += 1) {
    const character = selectors[at];
    if (character === "(" || character === "[") depth += 1;
    else if (character === ")" || character === "]") depth -= 1;
    else if (character === "," && depth === 0) {
      found.push(selectors.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...found, selectors.slice(start).trim()];
}
