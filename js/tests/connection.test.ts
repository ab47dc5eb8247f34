import { afterEach, expect, it, vi } from "vitest";
import { connect } from "../src/bridge/connection.js";
import { applyFields, type FieldsChanged } from "../src/bridge/fields.js";
import { createStore } from "../src/store/store.js";
import { FakeModel } from "./fakes/fake-model.js";

interface View {
  text: string;
}

function opened(initial?: { rev: number; view: View }) {
  const model = new FakeModel({ view: initial });
  const store = createStore<View, FieldsChanged>(undefined, applyFields);
  const connection = connect<View, FieldsChanged, object>(model.model, store);
  return { model, store, connection };
}

const change = (rev: number, text: string) => ({
  kind: "patch",
  rev,
  patches: [{ op: "fields_changed", changes: { text } }],
});

afterEach(() => vi.useRealTimers());

it("asks for the present when it opens, and says what it has", () => {
  const { model, store } = opened({ rev: 4, view: { text: "saved" } });

  expect(model.sent).toEqual([{ kind: "snapshot", rev: 4 }]);
  expect(store.view).toEqual({ text: "saved" });
});

it("follows patches that come in order and ignores repeated ones", () => {
  const { model, store } = opened({ rev: 1, view: { text: "a" } });

  model.receive(change(2, "b"));
  model.receive(change(2, "again"));

  expect(store.view).toEqual({ text: "b" });
});

it("asks for a snapshot once when a patch is missing, and goes on from it", () => {
  const { model, store } = opened({ rev: 1, view: { text: "a" } });
  model.receive({ kind: "snapshot", rev: 2, view: { text: "b" } });

  model.receive(change(5, "lost"));
  model.receive(change(6, "lost too"));
  const asked = model.sent.filter((message) => message.kind === "snapshot");
  model.receive({ kind: "snapshot", rev: 6, view: { text: "f" } });
  model.receive(change(7, "g"));

  expect(asked.length).toBe(2); // when it opened, and after the gap
  expect(store.view).toEqual({ text: "g" });
});

it("does not go back to an older snapshot that another page asked for", () => {
  const { model, store } = opened({ rev: 3, view: { text: "c" } });

  model.receive({ kind: "snapshot", rev: 2, view: { text: "old" } });

  expect(store.view).toEqual({ text: "c" });
});

it("gives every intent an answer: a result, a sentence, or a time-out", async () => {
  vi.useFakeTimers();
  const { model, connection } = opened();
  const done = connection.send({ op: "a" });
  const refused = connection.send({ op: "b" });
  const lost = connection.send({ op: "c" }, 100);
  const ids = model.sent.slice(1).map((message) => message.id as string);

  model.receive({ kind: "reply", id: ids[0], error: null, result: { made: 1 } });
  model.receive({ kind: "reply", id: ids[1], error: "No.", result: null });
  model.receive({ kind: "reply", id: "another page's", error: null, result: null });
  vi.advanceTimersByTime(200);

  await expect(done).resolves.toEqual({ made: 1 });
  await expect(refused).rejects.toThrow("No.");
  await expect(lost).rejects.toThrow("did not answer");
});

it("numbers intents differently on every page", () => {
  const one = opened();
  const two = opened();

  void one.connection.send({}).catch(() => {});
  void two.connection.send({}).catch(() => {});

  expect(one.model.sent[1]?.id).not.toBe(two.model.sent[1]?.id);
  one.connection.close();
  two.connection.close();
});

it("fails an intent at once when the comm went with its kernel", async () => {
  const { model, connection } = opened();
  model.send = () => {
    throw new Error("Cannot send");
  };

  await expect(connection.send({})).rejects.toThrow("no kernel");
});

it.each([
  [undefined, false],
  [{}, false],
  [{ kernel: { status: "idle" } }, false],
  [{ kernel: null }, true],
  [{ kernel: { isDisposed: true } }, true],
  [{ kernel: { status: "dead" } }, true],
])("takes the host's word %j for whether the kernel is gone", (manager, gone) => {
  const { model, connection } = opened();
  Object.assign(model, { widget_manager: manager });

  expect(connection.isGone).toBe(gone);
});

it("leaves no listener behind, and fails what is still open", async () => {
  const { model, connection } = opened();
  const open = connection.send({ op: "a" });

  connection.close();

  expect(model.listenerCount).toBe(0);
  await expect(open).rejects.toThrow("closed");
});
