/** The chat widget: one connection and one store per model, one DOM per cell. */
import type { AnyModel } from "@anywidget/types";
import type { ChatIntent, ChatPatch, ChatView } from "../../bridge/chat-types.js";
import { connect } from "../../bridge/connection.js";
import type { Part } from "../../dom/part.js";
import { applyChatPatch } from "../../store/chat-patches.js";
import { createStore } from "../../store/store.js";
import { mountChat } from "./chat-view.js";
import { createActions } from "./page-state.js";

export function createChatPart(model: AnyModel): Part {
  const store = createStore<ChatView, ChatPatch>(undefined, applyChatPatch);
  const connection = connect<ChatView, ChatPatch, ChatIntent>(model, store);
  const actions = createActions(connection, () => store.touch());
  return {
    mount: (el) => mountChat(el, store, actions, () => connection.isGone),
    close: connection.close,
  };
}
