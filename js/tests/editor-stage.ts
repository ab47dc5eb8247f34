/** The editor on a stage: what a user does to it, and what the kernel is asked. */
import { expect } from "vitest";
import type { EditorIntent, EditorView, Outcome } from "../src/bridge/generated.js";
import { createEditorPart } from "../src/views/editor/part.js";
import { Stage } from "./stage.js";
import { drawn } from "./support.js";

export class EditorStage extends Stage<EditorView> {
  constructor() {
    super(createEditorPart);
  }

  input = (label: string): HTMLInputElement =>
    this.all<HTMLInputElement>("input, select, textarea").find(
      (one) => one.ariaLabel === label,
    ) as HTMLInputElement;

  row = (title: string): HTMLElement | undefined =>
    this.all(".cc-editor-row").find((one) => one.textContent?.includes(title));

  press = async (what: HTMLElement | undefined): Promise<void> => {
    expect(what).toBeDefined();
    what?.click();
    await drawn();
  };

  /** Choose one of the segments of a field. */
  choose = async (label: string, way: string): Promise<void> => {
    const group = this.all('[role="radiogroup"]').find(
      (one) => one.ariaLabel === label,
    );
    const segment = [...(group?.querySelectorAll("button") ?? [])].find(
      (one) => one.textContent === way,
    );
    await this.press(segment);
  };

  type = async (label: string, value: string): Promise<void> => {
    const field = this.input(label);
    field.value = value;
    field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input"));
    await drawn();
  };

  /** Intents of a kind, oldest first, with the id that a reply needs. */
  asked = <Op extends EditorIntent["op"]>(op: Op) => {
    type Sent = { id: string; intent: Extract<EditorIntent, { op: Op }> };
    return this.model.sent.filter(
      (message) => (message.intent as { op?: string } | undefined)?.op === op,
    ) as unknown as Sent[];
  };

  reply = async (op: EditorIntent["op"], outcome: Partial<Outcome>): Promise<void> => {
    const { id } = this.asked(op).at(-1) as { id: string };
    const result = { id: null, errors: {}, conflict: false, ...outcome };
    this.model.receive({ kind: "reply", id, error: null, result });
    await drawn();
  };
}
