/** A chat widget on the page, with a kernel that says what the test says. */
import type { ChatPatch, ChatView } from "../src/bridge/chat-types.js";
import { createChatPart } from "../src/views/chat/part.js";
import { FakeModel } from "./fakes/fake-model.js";

export interface Mounted {
  model: FakeModel;
  el: HTMLElement;
  /** Another cell that shows the same model. */
  again(): HTMLElement;
  patch(...patches: ChatPatch[]): void;
  close(): void;
}

export function mounted(view: ChatView, rev = 0): Mounted {
  const model = new FakeModel({ view: { rev, view } });
  const part = createChatPart(model.model);
  const undos: (() => void)[] = [];
  let at = rev;

  function mount(): HTMLElement {
    const el = document.createElement("div");
    document.body.append(el);
    const unmount = part.mount(el);
    undos.push(() => {
      unmount();
      el.remove();
    });
    return el;
  }

  return {
    model,
    el: mount(),
    again: mount,
    patch(...patches) {
      at += 1;
      model.receive({ kind: "patch", rev: at, patches });
    },
    close() {
      for (const undo of undos) undo();
      part.close();
    },
  };
}

/** Two frames: everything asked for has been drawn. */
export async function drawn(): Promise<void> {
  for (let count = 0; count < 2; count += 1)
    await new Promise((done) => requestAnimationFrame(done));
}
