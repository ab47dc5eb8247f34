/** The chat widget: one connection and one store per model, one DOM per cell. */
import type { AnyModel } from "@anywidget/types";
import type { Part } from "../../dom/part.js";
import { mountRoot } from "../../dom/root.js";

export function createChatPart(_model: AnyModel): Part {
  return { mount: (el) => mountRoot(el, "cc-chat"), close() {} };
}
