/** The CostExplorer as its host sees it. */
import { connect } from "../../bridge/connection.js";
import { applyFields, type FieldsChanged } from "../../bridge/fields.js";
import type { CostIntent, CostView } from "../../bridge/generated.js";
import type { CreatePart } from "../../dom/part.js";
import { createStore } from "../../store/store.js";
import { mountCosts } from "./view.js";

export const createCostPart: CreatePart = (model) => {
  const store = createStore<CostView, FieldsChanged>(undefined, applyFields);
  const connection = connect<CostView, FieldsChanged, CostIntent>(model, store);
  // Days begin where the reader is; a kernel often runs on a machine that keeps UTC.
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  connection.send({ op: "use_zone", zone: timeZone }).catch(() => {});
  // Of all views: hosts draw a view anew when its output is brought up to date.
  const chosen = { selected: null, asTable: false };
  return {
    mount: (el) => mountCosts(el, store, connection, chosen),
    close: connection.close,
  };
};
