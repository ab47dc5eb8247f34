/** The ModelConfigEditor as its host sees it. */
import { connect } from "../../bridge/connection.js";
import { applyFields, type FieldsChanged } from "../../bridge/fields.js";
import type { EditorIntent, EditorView } from "../../bridge/generated.js";
import type { CreatePart } from "../../dom/part.js";
import { createStore } from "../../store/store.js";
import { mountEditor } from "./view.js";

export const createEditorPart: CreatePart = (model) => {
  const store = createStore<EditorView, FieldsChanged>(undefined, applyFields);
  const connection = connect<EditorView, FieldsChanged, EditorIntent>(model, store);
  return {
    mount: (el) => mountEditor(el, store, connection),
    close: connection.close,
  };
};
