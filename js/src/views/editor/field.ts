/** One field of a form: its control by kind, its note, its error. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Choice, FormField } from "../../bridge/generated.js";
import { segmented } from "../../dom/controls.js";
import { icon } from "../../dom/icons.js";

export interface FieldProps {
  field: FormField;
  value: string;
  error: string | undefined;
  isChanged: boolean;
  /** Why it cannot be changed. */
  locked: string | undefined;
  choices?: readonly Choice[];
  onEdit(value: string): void;
}

export function formField(props: FieldProps): TemplateResult {
  const { field, error, isChanged } = props;
  const note = props.error ?? (field.hint || undefined);
  const classes = [
    "cc-field",
    `cc-span-${span(field)}`,
    error ? "cc-field-bad" : "",
    isChanged ? "cc-field-changed" : "",
  ];
  return html`<div class=${classes.join(" ")} data-path=${field.path}>
    <span class="cc-field-label" title=${field.description || nothing}
      >${field.label}${field.required ? html` <span class="cc-field-must">required</span>` : nothing}${
        isChanged ? html` <span class="cc-tag">changed</span>` : nothing
      }</span
    >
    ${control(props)}
    ${
      error
        ? html`<span class="cc-field-error" role="alert">${icon("failed")}${error}</span>`
        : note
          ? html`<span class="cc-field-note">${note}</span>`
          : nothing
    }
  </div>`;
}

function control(props: FieldProps): TemplateResult {
  switch (props.field.kind) {
    case "boolean":
      return toggle(props);
    case "choice":
      return select(props, props.field.choices);
    default:
      return props.choices === undefined ? input(props) : select(props, props.choices);
  }
}

function input({ field, value, error, locked, onEdit }: FieldProps): TemplateResult {
  const isNumber = ["integer", "number", "price"].includes(field.kind);
  const placeholder =
    field.placeholder ||
    (field.section === "call" ? "Default" : field.kind === "price" ? "Unpriced" : "");
  return html`<span class="cc-input-hold ${locked ? "cc-input-locked" : ""}">
    <input
      class="cc-input"
      type="text"
      inputmode=${isNumber ? "decimal" : field.kind === "url" ? "url" : "text"}
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      placeholder=${locked ? "" : placeholder}
      aria-label=${field.label}
      aria-description=${[error, field.description, field.unit].filter(Boolean).join(". ")}
      aria-invalid=${error ? "true" : nothing}
      aria-required=${field.required ? "true" : nothing}
      ?readonly=${locked !== undefined}
      title=${locked ?? nothing}
      .value=${live(value)}
      @input=${(event: Event) => onEdit((event.target as HTMLInputElement).value)}
    />
    ${field.unit ? html`<span class="cc-input-unit" aria-hidden="true">${field.unit}</span>` : nothing}
  </span>`;
}

function select(
  { field, value, error, locked, onEdit }: FieldProps,
  choices: readonly Choice[],
): TemplateResult {
  const known = choices.some((choice) => choice.value === value);
  if (locked) {
    const shown = choices.find((choice) => choice.value === value)?.label ?? value;
    return html`<span class="cc-input-hold cc-input-locked"
      ><input class="cc-input" type="text" readonly aria-label=${field.label} title=${locked} .value=${live(shown)}
    /></span>`;
  }
  return html`<span class="cc-input-hold">
    <select
      class="cc-input cc-select"
      aria-label=${field.label}
      aria-description=${[error, field.description].filter(Boolean).join(". ")}
      aria-invalid=${error ? "true" : nothing}
      aria-required=${field.required ? "true" : nothing}
      .value=${live(value)}
      @change=${(event: Event) => onEdit((event.target as HTMLSelectElement).value)}
    >
      ${known ? nothing : html`<option value=${value} selected>${value || "Choose"}</option>`}
      ${choices.map(
        (choice) =>
          html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.label}</option>`,
      )}
    </select>
    <span class="cc-select-arrow">${icon("chevronDown")}</span>
  </span>`;
}

function toggle({ field, value, locked, onEdit }: FieldProps): TemplateResult {
  if (locked)
    return html`<span class="cc-field-fixed" title=${locked}>${value === "true" ? "On" : "Off"}</span>`;
  return html`<div class="cc-toggle">
    ${segmented({
      label: field.label,
      options: [
        { value: "true", label: "On" },
        { value: "false", label: "Off" },
      ],
      value: value === "true" ? "true" : "false",
      onChange: onEdit,
    })}
  </div>`;
}

/** Of twelve columns: four settings stand in a row of prices, three of settings. */
function span({ section, kind }: FormField): number {
  if (section === "prices") return 3;
  if (section === "call") return 4;
  return kind === "integer" || kind === "boolean" ? 3 : 6;
}
