/** Whether there is a kernel behind a widget, as far as the host lets on. */
import type { Undo } from "./part.js";

/** ipywidgets marks a view whose model lost its comm. */
const GONE = "jupyter-widgets-disconnected";
/** JupyterLab says nothing when a kernel is shut down: it has to be looked at. */
const LOOK_MS = 1_000;

export interface KernelWatch {
  readonly isGone: boolean;
  close: Undo;
}

/** Watch the host's element around `el`, and what `isGone` says. */
export function watchKernel(
  el: HTMLElement,
  isGone: () => boolean,
  onChange: () => void,
): KernelWatch {
  const host = el.parentElement;
  const look = () => (host?.classList.contains(GONE) ?? false) || isGone();
  let known = look();

  function update(): void {
    const now = look();
    if (now === known) return;
    known = now;
    onChange();
  }

  const observer = new MutationObserver(update);
  if (host !== null) observer.observe(host, { attributeFilter: ["class"] });
  const timer = setInterval(update, LOOK_MS);
  return {
    get isGone() {
      return known;
    },
    close() {
      observer.disconnect();
      clearInterval(timer);
    },
  };
}
