/** Everything a page can show, by the kind that the kernel's widget names. */
import type { CreatePart } from "../dom/part.js";
import { createChatPart } from "../views/chat/part.js";

export const parts: Readonly<Record<string, CreatePart>> = {
  chat: createChatPart,
};
