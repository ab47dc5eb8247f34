/** One state of one widget, to be looked at. */

export interface Specimen {
  /** File name of its pictures. */
  name: string;
  /** Widget kind, as the kernel names it. */
  kind: string;
  view: object;
  /** Selectors to click, in order, before the picture is taken. */
  clicks?: readonly string[];
  /** Text to type into the first text box. */
  type?: string;
  /** What the kernel finds wrong with every form, by path. */
  errors?: Readonly<Record<string, string>>;
  /** Classes of the host's element around the widget. */
  host?: string;
}
