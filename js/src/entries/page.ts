/** Everything a page can show, by the kind that the kernel's widget names. */
import type { CreatePart } from "../dom/part.js";
import { createChatPart } from "../views/chat/part.js";
import { createCostPart } from "../views/cost/part.js";
import { createEditorPart } from "../views/editor/part.js";

export const parts: Readonly<Record<string, CreatePart>> = {
  chat: createChatPart,
  cost: createCostPart,
  editor: createEditorPart,
};
