/** The outermost element of a widget: tokens, theme, keys that stay inside. */
import type { Undo } from "./part.js";
import { useStyles } from "./styles.js";
import { followTheme } from "./theme.js";

/**
 * Make `el` a widget root with the block class `name` (`cc-chat`).
 *
 * Handled keys are up to the views; the attribute tells Lumino-based hosts to
 * leave all other keys of the widget to the browser.
 */
export function mountRoot(el: HTMLElement, name: string): Undo {
  el.classList.add("cc", name);
  el.dataset.lmSuppressShortcuts = "true";
  const undos = [useStyles(el), followTheme(el)];
  return () => {
    for (const undo of undos) undo();
  };
}
