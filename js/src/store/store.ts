/** One view, and those who want to know when it changes. */
import type { Sink } from "../bridge/connection.js";
import type { Undo } from "../dom/part.js";

export interface Store<View> {
  /** What to show; `undefined` until the kernel has spoken. */
  readonly view: View | undefined;
  /** Called after each change, and never at once. */
  subscribe(onChange: () => void): Undo;
  /** Tell listeners that something beside the view changed. */
  touch(): void;
}

/** A store, and the sink that fills it. Listeners are told once per message. */
export function createStore<View, Patch>(
  initial: View | undefined,
  applied: (view: View, patch: Patch) => View,
): Store<View> & Sink<View, Patch> {
  const listeners = new Set<() => void>();
  let view = initial;

  function tell(): void {
    for (const listener of [...listeners]) listener();
  }

  return {
    get view() {
      return view;
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    touch: tell,
    reset(next) {
      view = next;
      tell();
    },
    apply(patches) {
      if (view === undefined) return;
      for (const patch of patches) view = applied(view, patch);
      tell();
    },
  };
}
