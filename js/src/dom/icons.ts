/** Icons, drawn on a 16 px grid in the colour of the text around them. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from "lit-html";

const line = (d: string): SVGTemplateResult => svg`<path d=${d}></path>`;
const dot = (x: number, y: number, r: number): SVGTemplateResult =>
  svg`<circle class="cc-icon-fill" cx=${x} cy=${y} r=${r}></circle>`;
const ring = svg`<circle cx="8" cy="8" r="6"></circle>`;

const SHAPES = {
  alert: svg`${line("M8 2.2 14.4 13.6H1.6Z")}${line("M8 6.4v3.6")}${dot(8, 11.8, 0.8)}`,
  check: line("M2.6 8.6 6.2 12.2 13.4 4"),
  chevronDown: line("M4 6.2 8 10.2 12 6.2"),
  chevronLeft: line("M10 3.8 5.8 8 10 12.2"),
  chevronRight: line("M6 3.8 10.2 8 6 12.2"),
  clock: svg`${ring}${line("M8 4.4V8l2.4 1.8")}`,
  close: line("M3.6 3.6 12.4 12.4M12.4 3.6 3.6 12.4"),
  copy: svg`${line("M5.6 5.6h8v8h-8Z")}${line("M10.4 5.4v-3h-8v8h3")}`,
  down: line("M8 2.6v10.6M3.6 8.8 8 13.2l4.4-4.4"),
  failed: svg`${ring}${line("M5.8 5.8 10.2 10.2M10.2 5.8 5.8 10.2")}`,
  file: line("M3.4 1.8h5.8l3.4 3.4v9H3.4ZM9 1.8v3.6h3.6"),
  fold: line("M2 8h12M8 1.4v3.8M6 3.4l2 2 2-2M8 14.6v-3.8M6 12.6l2-2 2 2"),
  fn: line("M10.8 3.2c-2.6-.8-2.8 1-3.2 3.6l-.8 4.2c-.3 1.8-.9 2.7-2.6 2.2M5.2 7h4.6"),
  info: svg`${ring}${line("M8 7.4v3.8")}${dot(8, 5, 0.8)}`,
  key: svg`<circle cx="4.6" cy="8" r="2.6"></circle>${line("M7.2 8h7.2v2.6M11.4 8v2")}`,
  link: line(
    "M6.8 9.2a2.6 2.6 0 0 0 3.8 0l2.2-2.2a2.7 2.7 0 0 0-3.8-3.8l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.8 0L3.2 9A2.7 2.7 0 0 0 7 12.8l.8-.8",
  ),
  more: svg`${dot(3, 8, 1.2)}${dot(8, 8, 1.2)}${dot(13, 8, 1.2)}`,
  pause: svg`${ring}${line("M6.4 5.6v4.8M9.6 5.6v4.8")}`,
  pencil: line("M2.6 13.4l.8-3.2 7.6-7.6 2.4 2.4-7.6 7.6ZM9.4 4.2l2.4 2.4"),
  plus: line("M8 2.8v10.4M2.8 8h10.4"),
  ready: svg`<circle cx="8" cy="8" r="3.4"></circle>`,
  refresh: line("M13.2 8a5.2 5.2 0 1 1-1.6-3.8L13.2 5.8M13.4 2.2v3.8H9.6"),
  search: svg`<circle cx="6.8" cy="6.8" r="4.4"></circle>${line("M10 10l4 4")}`,
  star: line("M8 1.8l1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6Z"),
  stop: svg`<rect class="cc-icon-fill" x="3.5" y="3.5" width="9" height="9"></rect>`,
  terminal: svg`${line("M1.6 2.8h12.8v10.4H1.6Z")}${line("M4.2 5.8 6.6 8 4.2 10.2M8 10.4h3.4")}`,
  thought: svg`${line("M1.8 2.6h12.4v8.6H6.4L3.8 13.6v-2.4h-2Z")}${dot(5, 6.9, 0.8)}${dot(8, 6.9, 0.8)}${dot(11, 6.9, 0.8)}`,
  trash: line("M2.4 4.2h11.2M6 4V2.2h4V4M3.8 4.2l.6 9.6h7.2l.6-9.6"),
  unlink: line(
    "M6.8 9.2a2.6 2.6 0 0 0 3.8 0l2.2-2.2a2.7 2.7 0 0 0-3.8-3.8l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.8 0L3.2 9A2.7 2.7 0 0 0 7 12.8l.8-.8M2.4 2.4l11.2 11.2",
  ),
  up: line("M8 13.4V2.8M3.6 7.2 8 2.8l4.4 4.4"),
} as const;

export type IconName = keyof typeof SHAPES;

/** An icon says nothing to a screen reader: the words beside it do. */
export function icon(name: IconName, extra = ""): TemplateResult {
  return html`<svg
    class="cc-icon ${extra}"
    viewBox="0 0 16 16"
    aria-hidden="true"
    focusable="false"
  >${SHAPES[name]}</svg>`;
}

/** The ring that turns while something runs, and stands still on request. */
export function spinner(extra = ""): TemplateResult {
  return html`<svg
    class="cc-icon cc-spinner ${extra}"
    viewBox="0 0 16 16"
    aria-hidden="true"
    focusable="false"
  ><path class="cc-spinner-rest" d="M8 2a6 6 0 1 1-6 6"></path><path d="M2 8a6 6 0 0 1 6-6"></path></svg>`;
}
