/** Above the form: what is open, what can be done to it, what went wrong. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { EditorView, ModelRow, ProviderRow } from "../../bridge/generated.js";
import { button } from "../../dom/controls.js";
import { type IconName, icon } from "../../dom/icons.js";
import type { Actions } from "./actions.js";
import { draftOf, type EditorState, type Open } from "./state.js";

type Row = ModelRow | ProviderRow;

export function title(
  view: EditorView,
  state: EditorState,
  open: Open,
  row: Row | undefined,
  actions: Actions,
): TemplateResult {
  const isDefault = row !== undefined && "kept" in row && row.state === "default";
  const canChange = row !== undefined && view.read_only === null;
  return html`<div class="cc-editor-title">
    <h3>${row?.title ?? name(open)}</h3>
    ${isDefault ? html`<span class="cc-tag">${icon("star")}default</span>` : nothing}
    <span class="cc-editor-title-space"></span>
    ${
      canChange && open.kind === "model" && !isDefault
        ? button({
            label: "Use for new chats",
            icon: "star",
            kind: "quiet",
            size: "small",
            onPress: () => void actions.makeDefault(),
          })
        : nothing
    }
    ${
      canChange
        ? button({
            label: "Delete",
            icon: "trash",
            kind: "quiet",
            size: "small",
            blocked: state.confirms ? "Answer the question below" : undefined,
            onPress: () => actions.confirm(true),
          })
        : nothing
    }
  </div>`;
}

function name({ kind }: Open): string {
  switch (kind) {
    case "model":
      return "New model";
    case "provider":
      return "New provider";
    case "endpoint":
      return "Connect an endpoint";
    default:
      return kind satisfies never;
  }
}

export function notes(
  view: EditorView,
  state: EditorState,
  open: Open,
  row: Row | undefined,
  actions: Actions,
): TemplateResult | typeof nothing {
  const draft = draftOf(state, open);
  const whole = draft.errors[""] ?? state.failure;
  const all = [
    view.read_only ? note("info", "Read only", view.read_only) : nothing,
    !view.read_only && view.providers_problem
      ? note("info", "Providers are not shown", view.providers_problem)
      : nothing,
    view.problem
      ? note("err", "Could not be read again", view.problem, [
          { label: "Try again", onPress: () => void actions.refresh() },
        ])
      : nothing,
    whole ? note("err", "Not saved", whole) : nothing,
    draft.conflict ? conflict(actions) : nothing,
    state.confirms && row !== undefined ? confirmation(open, row, actions) : nothing,
  ].filter((item) => item !== nothing);
  if (all.length === 0) return nothing;
  return html`<div class="cc-editor-notes">${all}</div>`;
}

interface Way {
  label: string;
  onPress(): void;
}

const SHAPES: Record<"info" | "warn" | "err", IconName> = {
  info: "info",
  warn: "alert",
  err: "failed",
};

export function note(
  tone: "info" | "warn" | "err",
  title: string,
  text: string,
  ways: readonly Way[] = [],
): TemplateResult {
  return html`<div class="cc-note cc-note-${tone}" role=${tone === "err" ? "alert" : "note"}>
    ${icon(SHAPES[tone])}
    <div class="cc-note-title">${title}</div>
    <div class="cc-note-body">${text}</div>
    ${
      ways.length > 0
        ? html`<div class="cc-note-actions">
            ${ways.map((way) => button({ ...way, size: "small" }))}
          </div>`
        : nothing
    }
  </div>`;
}

function conflict(actions: Actions): TemplateResult {
  return note(
    "warn",
    "Changed by somebody else",
    "It was saved elsewhere since you opened it. Show changes compares yours with what is there now.",
    [
      { label: "Keep theirs", onPress: actions.discard },
      { label: "Save mine over it", onPress: () => void actions.save(true) },
    ],
  );
}

function confirmation(open: Open, row: Row, actions: Actions): TemplateResult {
  return note("warn", `Delete ${row.title}?`, consequence(open, row), [
    { label: "Delete it", onPress: () => void actions.remove() },
    { label: "Keep it", onPress: () => actions.confirm(false) },
  ]);
}

function consequence(open: Open, row: Row): string {
  if (open.kind === "model")
    return "Its chats keep their messages and go on with the default model. What it cost is no longer priced.";
  const models = "models" in row ? row.models : 0;
  if (models === 0) return "Its key is deleted with it.";
  return `Its key is deleted with it. ${models === 1 ? "Its model stays" : `Its ${models} models stay`} and cannot answer any more.`;
}
