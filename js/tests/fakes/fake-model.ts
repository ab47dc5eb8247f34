/** A widget model without a host: obeys, and remembers what was sent. */
import type { AnyModel } from "@anywidget/types";

type Listener = (...args: never[]) => void;

export class FakeModel {
  readonly sent: Record<string, unknown>[] = [];
  readonly #values: Record<string, unknown>;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(values: Record<string, unknown> = {}) {
    this.#values = values;
  }

  /** What a widget is given. */
  get model(): AnyModel {
    return this as unknown as AnyModel;
  }

  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  /** A message from the kernel. */
  receive(message: unknown): void {
    for (const listener of this.#listeners.get("msg:custom") ?? [])
      (listener as (message: unknown) => void)(structuredClone(message));
  }

  get(name: string): unknown {
    return this.#values[name];
  }

  set(): never {
    throw new Error("The page never sets traits.");
  }

  save_changes(): never {
    throw new Error("The page never sets traits.");
  }

  send(content: Record<string, unknown>): void {
    this.sent.push(content);
  }

  on(name: string, listener: Listener): void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
  }

  off(name: string, listener: Listener): void {
    this.#listeners.get(name)?.delete(listener);
  }
}
