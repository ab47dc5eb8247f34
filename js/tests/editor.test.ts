import { expect, it } from "vitest";
import { EditorStage } from "./editor-stage.js";
import { editorViews } from "./gallery/fixtures/editor.js";
import { drawn } from "./support.js";

const KEY = "sk-very-secret-key";

const page = new EditorStage();
const { all, asked, close, input, press, reply, row, show, type } = page;
const { button: named, text: said } = page;

it("lists models and providers, and opens the first model", async () => {
  await show(editorViews.full);

  expect(all(".cc-editor-row-title").map((title) => title.textContent)).toEqual([
    ...["atlas-large", "atlas-mini", "cedar-70b", "cedar-vision"],
    ...["SmolLM2-135M-Instruct", "atlas-legacy"],
    ...["Team gateway", "Lab cluster", "OpenRouter", "Tiny demo model"],
  ]);
  expect(row("atlas-large")?.getAttribute("aria-current")).toBe("true");
  expect(input("Temperature").value).toBe("0.7");
  expect(named("Save")).toBeUndefined();
});

it("draws a field for each that the kernel names, with its unit and range", async () => {
  await show(editorViews.full);

  const paths = all("[data-path]").map((field) => field.dataset.path);
  const model = editorViews.full.forms?.model
    .filter(({ family }) => family === "" || family === "anthropic")
    .map(({ path }) => path);
  expect(paths).toEqual(model);
  expect(said('[data-path="call.temperature"] .cc-field-note')).toBe("0.0 to 2.0");
  expect(said('[data-path="call.max_output_tokens"] .cc-input-unit')).toBe("tokens");
});

it("tags what was typed, compares it, and saves the whole form as text", async () => {
  await show(editorViews.full);

  await type("Temperature", "0.5");
  await press(named("Show changes"));

  expect(said(".cc-save-what")).toBe("1 unsaved change");
  expect(said(".cc-save-changes tbody")).toBe("Temperature 0.7 0.5");
  expect(said('[data-path="call.temperature"] .cc-tag')).toBe("changed");
  await press(named("Save"));
  const intent = asked("save_model")[0]?.intent;
  const saved = editorViews.full.models[0];
  expect(intent).toEqual({
    op: "save_model",
    id: "m1",
    base: saved?.base,
    overwrite: false,
    values: { ...saved?.values, "call.temperature": "0.5" },
  });
});

it("forgets what was typed when it is what was saved, or discarded", async () => {
  await show(editorViews.full);

  await type("Temperature", "0.5");
  await type("Temperature", "0.7");
  expect(named("Discard")).toBeUndefined();
  await type("Temperature", "0.5");
  await press(named("Discard"));

  expect(input("Temperature").value).toBe("0.7");
});

it("keeps a draft while another model is looked at", async () => {
  await show(editorViews.full);

  await type("Temperature", "0.5");
  await press(row("atlas-mini"));
  expect(input("Temperature").value).toBe("");
  expect(row("atlas-large")?.textContent).toContain("changed");
  await press(row("atlas-large"));

  expect(input("Temperature").value).toBe("0.5");
});

it("shows what the kernel finds wrong at its field, and goes there", async () => {
  await show(editorViews.full);
  await type("Temperature", "2.4");

  await press(named("Save"));
  await reply("save_model", { errors: { "call.temperature": "Must be 0.0 to 2.0" } });

  const field = page.el.querySelector('[data-path="call.temperature"]');
  expect(field?.querySelector('[role="alert"]')?.textContent).toBe(
    "Must be 0.0 to 2.0",
  );
  expect(input("Temperature").getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(input("Temperature"));
  expect(said(".cc-save-wrong")).toBe("1 field needs attention");
});

it("saves by the keyboard, and keeps the key from the notebook", async () => {
  await show(editorViews.full);
  await type("Temperature", "0.5");
  let leaked = false;
  const outside = () => {
    leaked = true;
  };
  document.addEventListener("keydown", outside);

  const init = { key: "s", ctrlKey: true, bubbles: true, cancelable: true };
  input("Temperature").dispatchEvent(new KeyboardEvent("keydown", init));
  document.removeEventListener("keydown", outside);

  expect(asked("save_model")).toHaveLength(1);
  expect(leaked).toBe(false);
});

it("says when somebody else was faster, and lets the user choose", async () => {
  await show(editorViews.full);
  await type("Temperature", "0.5");
  await press(named("Save"));
  await reply("save_model", { id: "m1", conflict: true });
  expect(said(".cc-note-title")).toBe("Changed by somebody else");

  await press(named("Save mine over it"));

  expect(asked("save_model").at(-1)?.intent.overwrite).toBe(true);
});

it("sends a key once, and holds it nowhere afterwards", async () => {
  await show(editorViews.full);
  await press(row("Anthropic"));
  expect(said(".cc-key")).toContain("Set");
  await press(named("Replace"));
  expect(document.activeElement).toBe(input("API key"));
  await type("API key", KEY);
  const before = page.el.outerHTML;

  await press(named("Save"));
  await reply("save_provider", { id: "p1" });

  expect(before).not.toContain(KEY);
  expect(asked("save_provider")[0]?.intent.api_key).toBe(KEY);
  expect(page.el.outerHTML).not.toContain(KEY);
  expect(all<HTMLInputElement>("input").map(({ value }) => value)).not.toContain(KEY);
  await press(named("Replace"));
  expect(input("API key").value).toBe("");
});

it("gives no other provider a key that was typed and left", async () => {
  await show(editorViews.full);
  await press(row("Anthropic"));
  await press(named("Replace"));
  await type("API key", KEY);

  await press(row("OpenAI Compatible"));
  await press(named("Set a key"));

  expect(input("API key").value).toBe("");
  await type("Display name", "Lab");
  await press(named("Save"));
  expect(asked("save_provider")[0]?.intent).not.toHaveProperty("api_key");
});

it("keeps a key in its input when the form was refused", async () => {
  await show(editorViews.full);
  await press(row("Anthropic"));
  await press(named("Replace"));
  await type("API key", KEY);

  await press(named("Save"));
  await reply("save_provider", { errors: { base_url: "Required" } });

  expect(input("API key").value).toBe(KEY);
});

it("connects an endpoint from a preset with an address and a model", async () => {
  await show(editorViews.fresh);
  await press(named("Connect an endpoint"));
  expect(input("Base URL").value).toBe("http://localhost:11434/v1");
  await press(named("Other"));
  await type("Base URL", "http://gpu:8000/v1");
  await type("Model id", "qwen3");
  await type("API key", KEY);

  await press(named("Save"));

  const intent = asked("add_endpoint")[0]?.intent;
  expect(intent).toMatchObject({ preset: "endpoint", api_key: KEY });
  expect(intent?.values).toMatchObject({
    base_url: "http://gpu:8000/v1",
    model: "qwen3",
  });
});

it("shows what was made as soon as the kernel lists it", async () => {
  await show(editorViews.fresh);
  await press(named("Connect an endpoint"));
  await type("Model id", "qwen3");
  await press(named("Save"));

  await reply("add_endpoint", { id: "m9" });
  const first = editorViews.fresh.models[0];
  const made = { ...first, id: "m9", title: "qwen3" };
  const patch = { op: "fields_changed", changes: { models: [first, made] } };
  page.model.receive({ kind: "patch", rev: 1, patches: [patch] });
  await drawn();

  expect(said(".cc-editor-title h3")).toBe("qwen3");
  expect(said('[role="status"].cc-spoken')).toBe("Saved");
});

it("deletes after a question, and only then", async () => {
  await show(editorViews.full);
  await press(row("atlas-mini"));
  await press(named("Delete"));
  expect(asked("delete_model")).toEqual([]);
  await press(named("Keep it"));
  expect(named("Delete it")).toBeUndefined();

  await press(named("Delete"));
  await press(named("Delete it"));

  expect(asked("delete_model").map(({ intent }) => intent.id)).toEqual(["m2"]);
});

it("makes a model the default", async () => {
  await show(editorViews.full);
  expect(named("Use for new chats")).toBeUndefined();
  await press(row("atlas-mini"));

  await press(named("Use for new chats"));

  expect(asked("make_default")[0]?.intent.id).toBe("m2");
});

it("changes nothing for who may not, and says why", async () => {
  await show(editorViews["read-only"]);

  expect(said(".cc-note-title")).toBe("Read only");
  expect(all<HTMLInputElement>("input").every(({ readOnly }) => readOnly)).toBe(true);
  for (const name of ["Save", "Delete", "Add model", "Connect an endpoint"])
    expect(named(name)).toBeUndefined();
});

it("says a failure of the kernel above the form", async () => {
  await show(editorViews.full);
  await type("Temperature", "0.5");
  await press(named("Save"));

  const { id } = asked("save_model")[0] as { id: string };
  page.model.receive({ kind: "reply", id, error: "No answer came.", result: null });
  await drawn();

  expect(said('.cc-note-err[role="alert"]')).toContain("No answer came.");
  expect(input("Temperature").value).toBe("0.5");
});

it("has one pane in a narrow cell, with a way back", async () => {
  await show(editorViews.full, 360);
  const list = page.el.querySelector<HTMLElement>(".cc-editor-list");
  const form = () => page.el.querySelector<HTMLElement>(".cc-editor-form");
  expect([list?.offsetHeight !== 0, form()?.offsetHeight !== 0]).toEqual([true, false]);

  await press(row("atlas-mini"));
  expect([list?.offsetHeight !== 0, form()?.offsetHeight !== 0]).toEqual([false, true]);
  expect(page.el.scrollWidth).toBeLessThanOrEqual(360);
  await press(named("Back to the list"));

  expect(list?.offsetHeight).not.toBe(0);
});

it("walks the list with arrow keys", async () => {
  await show(editorViews.full);
  const rows = all(".cc-editor-row");
  rows[0]?.focus();

  const init = { key: "ArrowDown", bubbles: true, cancelable: true };
  rows[0]?.dispatchEvent(new KeyboardEvent("keydown", init));

  expect(document.activeElement).toBe(rows[1]);
});

it("names every control", async () => {
  await show(editorViews.full);
  await press(named("Add provider"));

  const unnamed = all("input, select, button, [role=radiogroup], nav").filter(
    (one) => !one.ariaLabel && !one.textContent?.trim(),
  );
  expect(unnamed.map((one) => one.outerHTML)).toEqual([]);
});

it("leaves no listener behind", async () => {
  await show(editorViews.full);

  close();

  expect(page.model.listenerCount).toBe(0);
});
