import { expect, it } from "vitest";
import { chatView, prompt } from "./gallery/fixtures/views.js";
import { drawn, mounted } from "./support.js";

async function boxed() {
  const rows = [prompt("first", "u1"), prompt("second", "u2"), prompt("second", "u3")];
  const chat = mounted(chatView({ rows }));
  await drawn();
  const box = chat.el.querySelector("textarea") as HTMLTextAreaElement;
  const press = async (key: string) => {
    box.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
    );
    await drawn();
    return box.value;
  };
  return { chat, box, press };
}

it("walks back through the prompts, each once, and forth to the empty box", async () => {
  const { chat, press } = await boxed();

  const seen = [];
  for (const key of [
    "ArrowUp",
    "ArrowUp",
    "ArrowUp",
    "ArrowDown",
    "ArrowDown",
    "ArrowDown",
  ])
    seen.push(await press(key));

  expect(seen).toEqual(["second", "first", "first", "second", "", ""]);
  chat.close();
});

it("leaves alone what someone has typed", async () => {
  const { chat, box, press } = await boxed();
  await press("ArrowUp");
  box.value = "second, changed";
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));

  expect(await press("ArrowUp")).toBe("second, changed");
  chat.close();
});
