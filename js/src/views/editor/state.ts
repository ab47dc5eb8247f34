/**
 * What only this page knows of the editor: what is open, what was typed.
 *
 * Drafts are kept per thing, so looking at another one loses nothing. A key that was
 * typed is not among them: it stays in its input until it is sent or left.
 */
import type {
  EditorView,
  FormField,
  ModelRow,
  Preset,
  ProviderRow,
} from "../../bridge/generated.js";

export type Kind = "model" | "provider" | "endpoint";

/** What the form shows; `id` is null for something new. */
export interface Open {
  kind: Kind;
  id: string | null;
}

export interface Draft {
  /** Values that were typed, by path; what is equal to the saved one is not here. */
  values: Record<string, string>;
  /** A sentence per path; the empty path is the form as a whole. */
  errors: Record<string, string>;
  /** Somebody else changed it since it was read. */
  conflict: boolean;
}

export interface EditorState {
  open: Open | null;
  drafts: Map<string, Draft>;
  preset: string;
  filter: string;
  showsChanges: boolean;
  confirms: boolean;
  /** The key of the open provider is being typed. */
  typesKey: boolean;
  hasKey: boolean;
  busy: boolean;
  said: string;
  failure: string;
  /** Whether the options of a model are unfolded, by what is open. */
  unfolded: Map<string, boolean>;
  /** In a narrow widget: the list, or the form. */
  pane: "list" | "form";
}

export interface Change {
  field: FormField;
  before: string;
  after: string;
  error: string | undefined;
}

export const emptyDraft = (): Draft => ({ values: {}, errors: {}, conflict: false });

export function createState(): EditorState {
  return {
    open: null,
    drafts: new Map(),
    preset: "ollama",
    filter: "",
    showsChanges: false,
    confirms: false,
    typesKey: false,
    hasKey: false,
    busy: false,
    said: "",
    failure: "",
    unfolded: new Map(),
    pane: "list",
  };
}

export const keyOf = (open: Open): string => `${open.kind}:${open.id ?? ""}`;

/** What is open: as asked, else the first model, else a new endpoint. */
export function opened(view: EditorView, state: EditorState): Open {
  const { open } = state;
  if (open !== null) return open;
  const first = view.models[0];
  if (first !== undefined) return { kind: "model", id: first.id };
  const provider = view.providers[0];
  if (provider !== undefined) return { kind: "provider", id: provider.id };
  return { kind: "endpoint", id: null };
}

export function draftOf(state: EditorState, open: Open): Draft {
  return state.drafts.get(keyOf(open)) ?? emptyDraft();
}

export function rowOf(
  view: EditorView,
  open: Open,
): ModelRow | ProviderRow | undefined {
  const rows: readonly (ModelRow | ProviderRow)[] =
    open.kind === "model" ? view.models : view.providers;
  return open.id === null ? undefined : rows.find((row) => row.id === open.id);
}

/** The fields of a form; of a model's options those that its provider takes. */
export function fieldsOf(
  view: EditorView,
  state: EditorState,
  open: Open,
): readonly FormField[] {
  const all = view.forms?.[open.kind] ?? [];
  if (open.kind !== "model") return all;
  const family = view.forms?.families[providerType(view, state, open)];
  return all.filter((field) => field.family === "" || field.family === family);
}

/** The type of the provider that a model is on, or is being moved to. */
export function providerType(view: EditorView, state: EditorState, open: Open): string {
  const id =
    draftOf(state, open).values.ai_provider_id ??
    savedValues(view, state, open).ai_provider_id;
  const listed = view.providers.find((provider) => provider.id === id);
  const row = rowOf(view, open);
  return listed?.values.type ?? (row && "provider" in row ? row.provider : "");
}

export function presetOf(view: EditorView, state: EditorState): Preset | undefined {
  return view.forms?.presets.find((preset) => preset.name === state.preset);
}

/** The values a form starts from. */
export function savedValues(
  view: EditorView,
  state: EditorState,
  open: Open,
): Readonly<Record<string, string>> {
  const row = rowOf(view, open);
  if (row !== undefined) return row.values;
  const { forms } = view;
  if (forms === null) return {};
  switch (open.kind) {
    case "model":
      return {
        ...forms.new_model,
        ai_provider_id: view.providers.find(({ state }) => state === "on")?.id ?? "",
      };
    case "provider":
      return forms.new_provider;
    case "endpoint":
      return presetOf(view, state)?.values ?? {};
    default:
      return open.kind satisfies never;
  }
}

/** What a save sends: what was saved, and what was typed into fields that are shown. */
export function valuesOf(
  view: EditorView,
  state: EditorState,
  open: Open,
): Record<string, string> {
  const typed = changesOf(view, state, open).map(({ field, after }) => [
    field.path,
    after,
  ]);
  return { ...savedValues(view, state, open), ...Object.fromEntries(typed) };
}

export function changesOf(view: EditorView, state: EditorState, open: Open): Change[] {
  const draft = draftOf(state, open);
  const saved = savedValues(view, state, open);
  return fieldsOf(view, state, open)
    .filter(({ path }) => draft.values[path] !== undefined)
    .map((field) => ({
      field,
      before: saved[field.path] ?? "",
      after: draft.values[field.path] ?? "",
      error: draft.errors[field.path],
    }));
}
