/** What the editor's controls do: to the page's state, and through intents. */
import type { Connection, Result } from "../../bridge/connection.js";
import type { EditorIntent, EditorView, Outcome } from "../../bridge/generated.js";
import type { Store } from "../../store/store.js";
import {
  changesOf,
  draftOf,
  type EditorState,
  type emptyDraft,
  keyOf,
  type Open,
  opened,
  rowOf,
  savedValues,
  valuesOf,
} from "./state.js";

const VALIDATE_AFTER_MS = 200;

export interface Actions {
  open(open: Open): void;
  back(): void;
  filter(text: string): void;
  choosePreset(name: string): void;
  edit(path: string, value: string): void;
  typeKey(on: boolean): void;
  keyTyped(has: boolean): void;
  toggleChanges(): void;
  confirm(on: boolean): void;
  discard(): void;
  save(overwrite?: boolean): Promise<void>;
  clearKey(): Promise<void>;
  makeDefault(): Promise<void>;
  remove(): Promise<void>;
  refresh(): Promise<void>;
}

export interface Surroundings {
  store: Store<EditorView>;
  connection: Connection<EditorIntent>;
  state: EditorState;
  draw(): void;
  /** What stands in the key's input now: read when it is sent, and kept nowhere. */
  readKey(): string;
  focusKey(): void;
  focusFirstError(): void;
}

export function createActions(around: Surroundings): Actions {
  const { store, connection, state, draw } = around;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const view = (): EditorView | undefined => store.view;

  function current(): { view: EditorView; open: Open } | undefined {
    const now = view();
    return now === undefined ? undefined : { view: now, open: opened(now, state) };
  }

  function change(open: Open, changes: Partial<ReturnType<typeof emptyDraft>>): void {
    state.drafts.set(keyOf(open), { ...draftOf(state, open), ...changes });
  }

  function forgetKey(): void {
    state.typesKey = false;
    state.hasKey = false;
  }

  function show(open: Open | null): void {
    state.open = open;
    state.pane = open === null ? "list" : "form";
    state.confirms = false;
    state.failure = "";
    state.said = "";
    forgetKey();
  }

  /** Send, and wait; `null` when the kernel could not do it, which is then shown. */
  async function ask(intent: EditorIntent): Promise<Outcome | null> {
    state.busy = true;
    state.failure = "";
    draw();
    try {
      return asOutcome(await connection.send(intent));
    } catch (error) {
      state.failure = error instanceof Error ? error.message : String(error);
      return null;
    } finally {
      state.busy = false;
      draw();
    }
  }

  async function validate(): Promise<void> {
    const now = current();
    if (now === undefined) return;
    const { open } = now;
    const values = valuesOf(now.view, state, open);
    const form = open.kind;
    try {
      const result = await connection.send({ op: "validate_form", form, values });
      const draft = state.drafts.get(keyOf(open));
      if (draft === undefined) return;
      // Only what was touched: an empty form is not yet a wrong one.
      const errors = Object.entries(asOutcome(result).errors).filter(
        ([path]) =>
          draft.values[path] !== undefined || draft.errors[path] !== undefined,
      );
      change(open, { errors: Object.fromEntries(errors) });
      draw();
    } catch {
      // Saving validates again, and says so when the kernel is gone.
    }
  }

  function intentToSave(now: { view: EditorView; open: Open }, overwrite: boolean) {
    const { open } = now;
    const values = valuesOf(now.view, state, open);
    const key = state.hasKey ? around.readKey() : "";
    const secret = key === "" ? {} : { api_key: key };
    const base = rowOf(now.view, open)?.base ?? "";
    switch (open.kind) {
      case "model":
        return { op: "save_model", id: open.id, base, values, overwrite } as const;
      case "provider":
        return {
          op: "save_provider",
          id: open.id,
          base,
          values,
          overwrite,
          ...secret,
        } as const;
      case "endpoint":
        return { op: "add_endpoint", preset: state.preset, values, ...secret } as const;
      default:
        return open.kind satisfies never;
    }
  }

  async function save(overwrite = false): Promise<void> {
    const now = current();
    if (now === undefined || state.busy || now.view.read_only !== null) return;
    clearTimeout(timer);
    const outcome = await ask(intentToSave(now, overwrite));
    if (outcome === null) return;
    const errors = outcome.errors;
    if (outcome.conflict || Object.keys(errors).length > 0) {
      change(now.open, { errors, conflict: outcome.conflict });
      draw();
      around.focusFirstError();
      return;
    }
    state.drafts.delete(keyOf(now.open));
    const kind = now.open.kind === "endpoint" ? "model" : now.open.kind;
    const { pane } = state;
    show({ kind, id: outcome.id });
    state.pane = pane;
    state.showsChanges = false;
    state.said = "Saved";
    draw();
  }

  /** A change that is no form; what is wrong with it is said above the form. */
  async function act(
    intent: EditorIntent,
    open: Open,
    after: () => void,
  ): Promise<void> {
    const outcome = await ask(intent);
    if (outcome === null) return;
    const [sentence] = Object.values(outcome.errors);
    if (sentence !== undefined) change(open, { errors: { "": sentence } });
    else after();
    draw();
  }

  return {
    open(open) {
      show(open);
      draw();
    },
    back() {
      show(null);
      draw();
    },
    filter(text) {
      state.filter = text;
      draw();
    },
    choosePreset(name) {
      state.preset = name;
      state.drafts.delete(keyOf({ kind: "endpoint", id: null }));
      forgetKey();
      draw();
    },
    edit(path, value) {
      const now = current();
      if (now === undefined) return;
      const { [path]: _, ...values } = draftOf(state, now.open).values;
      const saved = savedValues(now.view, state, now.open)[path] ?? "";
      if (value !== saved) values[path] = value;
      // Pinned: what is open must not change because the list did.
      state.open = now.open;
      state.said = "";
      change(now.open, { values });
      clearTimeout(timer);
      timer = setTimeout(validate, VALIDATE_AFTER_MS);
      draw();
    },
    typeKey(on) {
      state.typesKey = on;
      state.hasKey = false;
      draw();
      if (on) around.focusKey();
    },
    keyTyped(has) {
      const now = current();
      if (now !== undefined) state.open = now.open;
      state.hasKey = has;
      draw();
    },
    toggleChanges() {
      state.showsChanges = !state.showsChanges;
      draw();
    },
    confirm(on) {
      state.confirms = on;
      draw();
    },
    discard() {
      const now = current();
      if (now === undefined) return;
      clearTimeout(timer);
      state.drafts.delete(keyOf(now.open));
      if (now.open.id === null) show(null);
      state.showsChanges = false;
      state.failure = "";
      forgetKey();
      draw();
    },
    save,
    async clearKey() {
      const now = current();
      if (!now?.open.id) return;
      const { open } = now;
      await act({ op: "clear_key", id: now.open.id }, open, () => {
        state.said = "Key cleared";
      });
    },
    async makeDefault() {
      const now = current();
      if (!now?.open.id) return;
      await act({ op: "make_default", id: now.open.id }, now.open, () => {
        state.said = "New chats use this model";
      });
    },
    async remove() {
      const now = current();
      if (!now?.open.id) return;
      const { id, kind } = now.open;
      const op = kind === "model" ? "delete_model" : "delete_provider";
      await act({ op, id }, now.open, () => {
        state.drafts.delete(keyOf(now.open));
        show(null);
        state.said = "Deleted";
      });
      state.confirms = false;
      draw();
    },
    async refresh() {
      await ask({ op: "refresh_editor" });
    },
  };
}

/** Whether leaving now would lose something. */
export function isDirty(view: EditorView, state: EditorState): boolean {
  const open = opened(view, state);
  return open.id === null || state.hasKey || changesOf(view, state, open).length > 0;
}

function asOutcome(result: Result): Outcome {
  return { id: null, errors: {}, conflict: false, ...result };
}
