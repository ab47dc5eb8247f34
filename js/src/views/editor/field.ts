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
    span(field),
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
  const { field } = props;
  switch (field.kind) {
    case "boolean":
      return toggle(props);
    case "choice":
      return select(props, withBlank(field));
    case "lines":
    case "json":
      return area(props);
    default:
      return props.choices === undefined ? input(props) : select(props, props.choices);
  }
}

/** The choices of a field, the one to choose nothing first. */
function withBlank({ blank, choices }: FormField): readonly Choice[] {
  return blank === "" ? choices : [{ value: "", label: blank }, ...choices];
}

function described({ field, error }: FieldProps): string {
  return [error, field.description, field.unit].filter(Boolean).join(". ");
}

const BLANKS: Record<string, string> = {
  call: "Default",
  options: "Default",
  prices: "Unpriced",
};

function input(props: FieldProps): TemplateResult {
  const { field, value, error, locked, onEdit } = props;
  const isNumber = ["integer", "number", "price"].includes(field.kind);
  const placeholder = field.placeholder || (BLANKS[field.section] ?? "");
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
      aria-description=${described(props)}
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

/** Several lines: of names, or of JSON. It grows with what is in it, to a limit. */
function area(props: FieldProps): TemplateResult {
  const { field, value, error, locked, onEdit } = props;
  const rows = value === "" ? 2 : Math.min(value.split("\n").length + 1, 8);
  return html`<span class="cc-input-hold ${locked ? "cc-input-locked" : ""}">
    <textarea
      class="cc-input cc-area ${field.kind === "json" ? "cc-area-code" : ""}"
      rows=${rows}
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      placeholder=${locked ? "" : "Not set"}
      aria-label=${field.label}
      aria-description=${described(props)}
      aria-invalid=${error ? "true" : nothing}
      ?readonly=${locked !== undefined}
      title=${locked ?? nothing}
      .value=${live(value)}
      @input=${(event: Event) => onEdit((event.target as HTMLTextAreaElement).value)}
    ></textarea>
  </span>`;
}

function select(props: FieldProps, choices: readonly Choice[]): TemplateResult {
  const { field, value, error, locked, onEdit } = props;
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
      aria-description=${described(props)}
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

/** On or off; where neither is needed, a third way between them that says so. */
function toggle(props: FieldProps): TemplateResult {
  const { field, value, locked, onEdit } = props;
  const ways = [
    ...(field.blank === "" ? [] : [{ value: "", label: field.blank }]),
    { value: "true", label: "On" },
    { value: "false", label: "Off" },
  ];
  const now = ways.find((way) => way.value === value) ?? { value: "", label: value };
  if (locked)
    return html`<span class="cc-field-fixed" title=${locked}>${now.label}</span>`;
  return html`<div class="cc-toggle" title=${field.description || nothing}>
    ${segmented({ label: field.label, description: described(props), options: ways, value: now.value, onChange: onEdit })}
  </div>`;
}

/** Of twelve columns: four settings stand in a row of prices, three of settings. */
function span({ section, kind }: FormField): string {
  if (kind === "lines" || kind === "json") return "cc-span-lines";
  if (section === "prices") return "cc-span-3";
  if (section === "call" || section === "options") return "cc-span-4";
  return kind === "integer" || kind === "boolean" ? "cc-span-3" : "cc-span-6";
}

/** A value as the field shows it. */
export function shown({ kind, blank, choices }: FormField, value: string): string {
  if (value === "") return blank || "blank";
  if (kind === "boolean") return value === "true" ? "On" : "Off";
  if (kind === "lines") return value.split("\n").filter(Boolean).join(", ");
  return choices.find((choice) => choice.value === value)?.label ?? value;
}
