/** One widget alone on the page, mounted anew by each test and gone after it. */
import { afterEach, beforeEach } from "vitest";
import type { CreatePart } from "../src/dom/part.js";
import { FakeModel } from "./fakes/fake-model.js";
import { drawn } from "./support.js";

/** A control's name as it is spoken, on one line. */
export const nameOf = (one: Element): string | undefined =>
  (one.ariaLabel ?? one.textContent)?.replace(/\s+/g, " ").trim();

/** The page of the test that runs, and what is found on it. */
export class Stage<View extends object> {
  el = document.createElement("div");
  model = new FakeModel();
  #close = () => {};

  constructor(private readonly create: CreatePart) {
    beforeEach(() => {
      this.el = document.createElement("div");
      document.body.append(this.el);
    });
    afterEach(() => {
      this.close();
      this.el.remove();
    });
  }

  show = async (view: View, width = 860): Promise<void> => {
    this.model = new FakeModel({ view: { rev: 0, view } });
    const part = this.create(this.model.model);
    this.el.style.width = `${width}px`;
    const undo = part.mount(this.el);
    this.#close = () => {
      undo();
      part.close();
    };
    await drawn();
  };

  /** Take the widget off the page. May be called twice. */
  close = (): void => {
    this.#close();
    this.#close = () => {};
  };

  all = <T extends HTMLElement = HTMLElement>(selector: string): T[] => [
    ...this.el.querySelectorAll<T>(selector),
  ];

  /** The text of the first that matches, on one line. */
  text = (selector: string): string | undefined =>
    this.el.querySelector(selector)?.textContent?.replace(/\s+/g, " ").trim();

  button = (name: string): HTMLButtonElement | undefined =>
    this.all<HTMLButtonElement>("button").find((one) => nameOf(one) === name);
}
