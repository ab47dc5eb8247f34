/** Patches of views that change by whole fields. */

export interface FieldsChanged {
  op: "fields_changed";
  changes: Readonly<Record<string, unknown>>;
}

export function applyFields<View extends object>(
  view: View,
  patch: FieldsChanged,
): View {
  return { ...view, ...patch.changes };
}
