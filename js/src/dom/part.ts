/** What every widget is to its host: one part per model, mounted once per cell. */
import type { AnyModel } from "@anywidget/types";

/** Undoes what the call that returned it did. Calling it twice is harmless. */
export type Undo = () => void;

export interface Part {
  /** Draw into an empty element that belongs to nobody else. */
  mount(el: HTMLElement): Undo;
  /** Let go of the model; every mount must be undone by then. */
  close(): void;
}

export type CreatePart = (model: AnyModel) => Part;
