/** Buttons, segments and fields that every widget shares. */
import { html, nothing, type TemplateResult } from "lit-html";
import { type IconName, icon } from "./icons.js";

export interface ButtonOptions {
  label: string;
  onPress(event: Event): void;
  icon?: IconName;
  kind?: "primary" | "plain" | "quiet";
  size?: "small" | "control";
  /** Why it cannot be pressed now. It keeps focus, and says so. */
  blocked?: string | undefined;
  /** A key that does the same. */
  hint?: string;
  title?: string;
  /** Class for the place it stands in. */
  extra?: string;
}

export function button(options: ButtonOptions): TemplateResult {
  const { label, onPress, blocked } = options;
  const kind = options.kind ?? "plain";
  const size = options.size ?? "control";
  return html`<button
    type="button"
    class="cc-button cc-button-${kind} cc-button-${size} ${options.extra ?? ""}"
    aria-disabled=${blocked ? "true" : nothing}
    title=${blocked || options.title || nothing}
    @click=${(event: Event) => (blocked ? event.preventDefault() : onPress(event))}
  >${options.icon ? icon(options.icon) : nothing}<span class="cc-button-label"
      >${label}</span
    >${options.hint ? html`<kbd class="cc-kbd" aria-hidden="true">${options.hint}</kbd>` : nothing}</button>`;
}

export interface IconButtonOptions {
  icon: IconName;
  /** Spoken, and shown as a tool tip. */
  label: string;
  onPress(event: Event): void;
  blocked?: string | undefined;
  pressed?: boolean;
  extra?: string;
}

export function iconButton(options: IconButtonOptions): TemplateResult {
  const { blocked, label, onPress } = options;
  return html`<button
    type="button"
    class="cc-icon-button ${options.extra ?? ""}"
    aria-label=${label}
    title=${blocked || label}
    aria-disabled=${blocked ? "true" : nothing}
    aria-pressed=${options.pressed === undefined ? nothing : String(options.pressed)}
    @click=${(event: Event) => (blocked ? event.preventDefault() : onPress(event))}
  >${icon(options.icon)}</button>`;
}

export interface SegmentedOptions<T extends string> {
  label: string;
  /** More about it, spoken after the label. */
  description?: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange(value: T): void;
}

/** One of a few. Arrow keys move, as in any radio group. */
export function segmented<T extends string>(o: SegmentedOptions<T>): TemplateResult {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = o.options.findIndex((option) => option.value === o.value);
    const next = o.options[(at + step + o.options.length) % o.options.length];
    if (next === undefined) return;
    o.onChange(next.value);
    const group = event.currentTarget as HTMLElement;
    const at2 = o.options.indexOf(next);
    (group.children[at2] as HTMLElement | undefined)?.focus();
  };
  return html`<div class="cc-segmented" role="radiogroup" aria-label=${o.label} aria-description=${o.description || nothing} @keydown=${move}>
    ${o.options.map(
      (option) => html`<button
        type="button"
        role="radio"
        aria-checked=${option.value === o.value ? "true" : "false"}
        tabindex=${option.value === o.value ? "0" : "-1"}
        class="cc-segment"
        @click=${() => o.onChange(option.value)}
      >${option.label}</button>`,
    )}
  </div>`;
}

export interface FieldOptions {
  label: string;
  /** The control: an input, a select, a segmented group. */
  control: TemplateResult;
  note?: string | undefined;
  error?: string | undefined;
  tag?: string | undefined;
}

/**
 * A label around a control, with a note or an error below it.
 *
 * The label wraps, so no ids are needed; the error is inside it too, and so is
 * spoken with the control.
 */
export function field(options: FieldOptions): TemplateResult {
  const { label, control, note, error, tag } = options;
  return html`<label class="cc-field ${error ? "cc-field-bad" : ""}">
    <span class="cc-field-label">${label}${tag ? html` <span class="cc-tag">${tag}</span>` : nothing}</span>
    ${control}
    ${
      error
        ? html`<span class="cc-field-error" role="alert">${icon("failed")}${error}</span>`
        : note
          ? html`<span class="cc-field-note">${note}</span>`
          : nothing
    }
  </label>`;
}
