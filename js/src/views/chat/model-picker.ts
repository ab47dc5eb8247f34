/** Which model answers next: a list that opens above the prompt box. */
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import type { ModelChoice } from "../../bridge/chat-types.js";
import { contextSize } from "../../dom/amounts.js";
import { icon } from "../../dom/icons.js";

/** From this many models on the list can be searched. */
const MANY = 7;
/** Pixels between the list and what is beside it. */
const GAP = 4;

export interface PickerState {
  isOpen: boolean;
  search: string;
  /** The choice that the arrow keys are on. */
  active: number;
}

export interface PickerOptions {
  models: readonly ModelChoice[];
  /** Id of the model that answers now. */
  value: string;
  state: PickerState;
  changed(): void;
  choose(id: string): void;
}

export function createPickerState(): PickerState {
  return { isOpen: false, search: "", active: 0 };
}

export function modelPicker(options: PickerOptions): TemplateResult | typeof nothing {
  const { models, state, value } = options;
  if (models.length === 0) return nothing;
  const chosen = models.find((model) => model.id === value);
  const toggle = () => {
    state.isOpen = !state.isOpen;
    state.search = "";
    state.active = Math.max(
      0,
      matching(options).findIndex((m) => m.id === value),
    );
    options.changed();
  };
  return html`<div
    class="cc-picker"
    @focusout=${(event: FocusEvent) => leave(event, options)}
    @keydown=${(event: KeyboardEvent) => onKey(event, options)}
  >
    <button
      type="button"
      class="cc-picker-button"
      aria-haspopup="listbox"
      aria-expanded=${state.isOpen ? "true" : "false"}
      aria-label=${`Model: ${chosen?.name ?? "the chat's own"}`}
      @click=${toggle}
    ><span class="cc-picker-name">${chosen?.name ?? "Model"}</span>${icon("chevronDown")}</button>
    ${state.isOpen ? popup(options) : nothing}
  </div>`;
}

function popup(options: PickerOptions): TemplateResult {
  const { models, state } = options;
  const shown = matching(options);
  const onSearch = (event: Event) => {
    state.search = (event.target as HTMLInputElement).value;
    state.active = 0;
    options.changed();
  };
  const search =
    models.length < MANY
      ? nothing
      : html`<input
          class="cc-input cc-picker-search"
          placeholder="Find a model"
          aria-label="Find a model"
          .value=${state.search}
          @input=${onSearch}
          ${ref((el) => (el as HTMLElement | undefined)?.focus({ preventScroll: true }))}
        />`;
  return html`<div class="cc-picker-popup" popover="manual" ${ref(place)}>
    ${search}
    <div class="cc-picker-list" role="listbox" aria-label="Models">
      ${shown.map((model, at) => [group(shown, at), option(model, at, options)])}
      ${shown.length === 0 ? html`<div class="cc-picker-none">No model is called that.</div>` : nothing}
    </div>
    <div class="cc-picker-foot">Prices per million tokens, in / out</div>
  </div>`;
}

/** Above the button where there is room, over everything that would clip it. */
function place(el: Element | undefined): void {
  if (!(el instanceof HTMLElement)) return;
  queueMicrotask(() => {
    if (!el.isConnected) return;
    if (!el.matches(":popover-open")) el.showPopover();
    const anchor = el.parentElement?.getBoundingClientRect();
    if (anchor === undefined) return;
    const { width, height } = el.getBoundingClientRect();
    if (anchor.top - height - GAP >= 0) {
      el.style.bottom = `${innerHeight - anchor.top + GAP}px`;
    } else {
      const below = Math.min(anchor.bottom + GAP, innerHeight - height - GAP);
      el.style.top = `${Math.max(0, below)}px`;
    }
    el.style.left = `${Math.max(GAP, Math.min(anchor.left, innerWidth - width - GAP))}px`;
  });
}

function group(
  shown: readonly ModelChoice[],
  at: number,
): TemplateResult | typeof nothing {
  const provider = shown[at]?.provider ?? "";
  if (provider === "" || shown[at - 1]?.provider === provider) return nothing;
  return html`<div class="cc-picker-group" role="presentation">${provider}</div>`;
}

function option(
  model: ModelChoice,
  at: number,
  options: PickerOptions,
): TemplateResult {
  const isChosen = model.id === options.value;
  const isActive = at === options.state.active;
  return html`<div
    role="option"
    tabindex="-1"
    class="cc-picker-option ${isActive ? "cc-active" : ""}"
    aria-selected=${isChosen ? "true" : "false"}
    @mousedown=${(event: Event) => event.preventDefault()}
    @click=${(event: Event) => choose(options, model, pickerOf(event))}
  >
    <span class="cc-picker-mark">${isChosen ? icon("check") : nothing}</span>
    <span class="cc-picker-option-name">${model.name}</span>
    <span class="cc-picker-size">${model.context_limit ? contextSize(model.context_limit) : ""}</span>
    <span class="cc-picker-price">${price(model)}</span>
  </div>`;
}

function price(model: ModelChoice): string {
  if (model.input_price === null && model.output_price === null) return "unpriced";
  if (Number(model.input_price) === 0 && Number(model.output_price) === 0)
    return "$0.00";
  const side = (text: string | null) =>
    text === null ? "?" : `$${Number(text).toFixed(2)}`;
  return `${side(model.input_price)} / ${side(model.output_price)}`;
}

function matching({ models, state }: PickerOptions): readonly ModelChoice[] {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    const text = `${model.name} ${model.provider}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function pickerOf(event: Event): HTMLElement | null {
  return (event.currentTarget as HTMLElement).closest<HTMLElement>(".cc-picker");
}

function choose(
  options: PickerOptions,
  model: ModelChoice,
  picker: HTMLElement | null,
): void {
  close(options, picker);
  options.choose(model.id);
}

/** The button has the focus before the list goes, so that nobody loses it. */
function close(options: PickerOptions, picker: HTMLElement | null): void {
  options.state.isOpen = false;
  picker?.querySelector<HTMLElement>(".cc-picker-button")?.focus();
}

function leave(event: FocusEvent, options: PickerOptions): void {
  const next = event.relatedTarget;
  const picker = event.currentTarget as HTMLElement;
  if (!options.state.isOpen || (next instanceof Node && picker.contains(next))) return;
  options.state.isOpen = false;
  options.changed();
}

function onKey(event: KeyboardEvent, options: PickerOptions): void {
  const { state } = options;
  if (!state.isOpen) return;
  const shown = matching(options);
  const last = shown.length - 1;
  const moves: Record<string, number> = {
    ArrowDown: Math.min(last, state.active + 1),
    ArrowUp: Math.max(0, state.active - 1),
    End: last,
    Home: 0,
  };
  const active = moves[event.key];
  const model = shown[state.active];
  const picker = pickerOf(event);
  if (active !== undefined) {
    state.active = active;
    // The focus goes with the choice: a screen reader reads what has it.
    picker?.querySelectorAll<HTMLElement>('[role="option"]')[active]?.focus();
  } else if (event.key === "Enter" && model) choose(options, model, picker);
  else if (event.key === "Escape") close(options, picker);
  else return;
  event.preventDefault();
  event.stopPropagation();
  options.changed();
}
