/** Kernel and page agree on what a patch does: the fixture is the kernel's. */
import { expect, it } from "vitest";
import steps from "../../tests/fixtures/page/chat-patches.json";
import type { ChatPatch, ChatView } from "../src/bridge/chat-types.js";
import { applyChatPatch } from "../src/store/chat-patches.js";
import { chatView, prompt } from "./gallery/fixtures/views.js";

interface Step {
  before: ChatView;
  patches: ChatPatch[];
  after: ChatView;
}

it.each((steps as unknown as Step[]).map((step, at) => [at, step] as const))(
  "goes from view %i to the next by the kernel's patches",
  (_, { before, patches, after }) => {
    expect(patches.reduce(applyChatPatch, before)).toEqual(after);
  },
);

it("leaves what a patch does not name the same object", () => {
  const before = chatView({ rows: [prompt("a", "u1"), prompt("b", "u2")] });

  const after = applyChatPatch(before, {
    op: "text_appended",
    row: 1,
    block: 0,
    field: "text",
    text: "c",
  });

  expect(after.rows[0]).toBe(before.rows[0]);
  expect(after.models).toBe(before.models);
  expect(after.rows[1]?.blocks[0]).toMatchObject({ text: "bc" });
});

it("ignores a patch for a row that is not there", () => {
  const before = chatView({ rows: [] });

  expect(
    applyChatPatch(before, { op: "row_changed", row: 3, changes: { is_live: true } }),
  ).toBe(before);
});
