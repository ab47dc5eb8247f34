/** Whether there is a kernel behind a widget, as far as the host lets on. */
import type { Undo } from "./part.js";

/** ipywidgets marks a view whose model lost its comm. */
const GONE = "jupyter-widgets-disconnected";

export interface KernelWatch {
  readonly isGone: boolean;
  close: Undo;
}

export function watchKernel(el: HTMLElement, onChange: () => void): KernelWatch {
  const host = el.parentElement;
  let isGone = host?.classList.contains(GONE) ?? false;
  const observer = new MutationObserver(() => {
    const now = host?.classList.contains(GONE) ?? false;
    if (now === isGone) return;
    isGone = now;
    onChange();
  });
  if (host !== null) observer.observe(host, { attributeFilter: ["class"] });
  return {
    get isGone() {
      return isGone;
    },
    close: () => observer.disconnect(),
  };
}
