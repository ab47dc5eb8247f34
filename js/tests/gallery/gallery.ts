/** Draws one specimen on an otherwise empty page, for `shoot.mjs`. */
import { parts } from "../../src/entries/page.js";
import { FakeModel } from "../fakes/fake-model.js";
import { specimens } from "./fixtures/index.js";
import type { Specimen } from "./specimen.js";

declare global {
  interface Window {
    specimenNames: string[];
    showSpecimen(name: string): void;
    specimenOf(name: string): Specimen | undefined;
  }
}

/** A kernel that refuses every form of a specimen with errors. */
class Refusing extends FakeModel {
  constructor(private readonly specimen: Specimen) {
    super({ view: { rev: 0, view: specimen.view } });
  }

  override send(content: Record<string, unknown>): void {
    super.send(content);
    const { errors } = this.specimen;
    if (errors === undefined || content.intent === undefined) return;
    const result = { id: null, errors, conflict: false };
    this.receive({ kind: "reply", id: content.id, error: null, result });
  }
}

let undo = () => {};

window.specimenNames = specimens.map((specimen) => specimen.name);
window.specimenOf = (name) => specimens.find((specimen) => specimen.name === name);
window.showSpecimen = (name) => {
  undo();
  const specimen = window.specimenOf(name);
  const create = specimen && parts[specimen.kind];
  if (!create) throw new Error(`No specimen is called ${name}.`);
  const model = new Refusing(specimen);
  const part = create(model.model);
  const host = document.createElement("div");
  host.className = specimen.host ?? "";
  const root = document.createElement("div");
  host.append(root);
  document.body.replaceChildren(host);
  const unmount = part.mount(root);
  undo = () => {
    unmount();
    part.close();
  };
};
