import { expect, it } from "vitest";
import type { EditorView, FormField } from "../src/bridge/generated.js";
import { EditorStage } from "./editor-stage.js";
import { editorViews } from "./gallery/fixtures/editor.js";
import { nameOf } from "./stage.js";

const page = new EditorStage();
const { all, asked, choose, input, press, reply, row, show, text, type } = page;

const OPTIONS = "call.provider_options.";
const fold = () => page.el.querySelector<HTMLDetailsElement>(".cc-fold");
const optionPaths = () =>
  all(".cc-fold [data-path]").map(({ dataset }) => dataset.path?.replace(OPTIONS, ""));
const saved = () => asked("save_model").at(-1)?.intent.values ?? {};
const save = () => press(page.button("Save"));

async function open(type: string): Promise<void> {
  await show(editorViews.options);
  await press(row(`model-of-${type}`));
}

/** The full view with other fields in the form of a model. */
function withFields(fields: readonly Partial<FormField>[]): EditorView {
  const view = structuredClone(editorViews.full);
  const { forms } = view;
  const like = forms?.model[0] as FormField;
  const made = fields.map((field) => ({ ...like, required: false, ...field }));
  return { ...view, forms: { ...forms, model: made } } as EditorView;
}

it.each([
  ["anthropic", ["anthropic"]],
  ["azure", ["openai"]],
  ["bedrock", ["anthropic"]],
  ["google", ["google"]],
  ["openai", ["openai"]],
  ["openai-compat", ["openaicompat"]],
  ["openrouter", ["openrouter"]],
  ["vercel", ["vercel"]],
  ["local", ["openaicompat"]],
  ["scripted", []],
])(
  "shows a model of %s the options that its provider takes",
  async (type, families) => {
    if (type === "anthropic") await show(editorViews.full);
    else await open(type);

    const shown = new Set(optionPaths().map((path) => path?.split(".")[0]));
    expect([...shown]).toEqual(families);
  },
);

it("shows other options as soon as another provider is chosen", async () => {
  await open("openai");
  await choose("Parallel tool calls", "Default");

  await type("Provider", "q2");
  expect(optionPaths()[0]).toBe("google.thinking_config.thinking_budget");
  await choose("Web search", "On");
  await save();

  // What was typed for OpenAI is not shown any more, so it is not saved.
  expect(saved()).toMatchObject({
    ai_provider_id: "q2",
    [`${OPTIONS}google.web_search_enabled`]: "true",
    [`${OPTIONS}openai.parallel_tool_calls`]: "false",
  });
});

it("folds options of which none is set, and says how many are", async () => {
  await open("azure");
  expect(fold()?.open).toBe(false);
  expect(text(".cc-fold-title")).toBe("Provider options Azure OpenAI none set");

  await press(row("model-of-openrouter"));
  expect(fold()?.open).toBe(true);
  expect(text(".cc-fold-count")).toBe("3 of 5 set");
});

it("leaves the fold as the user put it, also when the last option is unset", async () => {
  await open("vercel");
  await choose("Exclude reasoning", "Default");
  expect([fold()?.open, text(".cc-fold-count")]).toEqual([true, "none set"]);

  await press(fold()?.querySelector("summary") ?? undefined);
  await press(row("model-of-google"));
  await press(row("model-of-vercel"));

  expect(fold()?.open).toBe(false);
});

it("unfolds what is wrong, says it at the field and goes there", async () => {
  await open("azure");
  const path = `${OPTIONS}openai.max_tool_calls`;
  await type("Max tool calls", "many");
  await press(fold()?.querySelector("summary") ?? undefined);
  expect(fold()?.open).toBe(false);

  await save();
  await reply("save_model", { errors: { [path]: "Must be a whole number" } });

  expect(fold()?.open).toBe(true);
  expect(text(`[data-path="${path}"] .cc-field-error`)).toBe("Must be a whole number");
  expect(document.activeElement).toBe(input("Max tool calls"));
});

it("has three ways for what is on, off or left to the provider", async () => {
  await open("bedrock");
  const checked = () =>
    all('[data-path$="web_search_enabled"] [aria-checked="true"]').map(nameOf);
  expect(checked()).toEqual(["Default"]);

  await choose("Web search", "Off");
  expect(checked()).toEqual(["Off"]);
  await save();
  expect(saved()[`${OPTIONS}anthropic.web_search_enabled`]).toBe("false");
});

it("can unset a choice, and keeps one that it does not know", async () => {
  await open("openai");
  const effort = () => input("Reasoning effort") as unknown as HTMLSelectElement;
  const offered = [...effort().options].map(({ label }) => label);
  expect(effort().value).toBe("effort-of-tomorrow");
  expect(offered.slice(0, 3)).toEqual(["effort-of-tomorrow", "Default", "none"]);

  await type("Service tier", "");
  await press(page.button("Show changes"));
  expect(text(".cc-save-changes tbody")).toBe("Service tier flex Default");
  await save();

  expect(saved()).toMatchObject({
    [`${OPTIONS}openai.service_tier`]: "",
    [`${OPTIONS}openai.reasoning_effort`]: "effort-of-tomorrow",
  });
});

it("edits a list line by line, in a box that grows", async () => {
  await open("bedrock");
  const area = input("Web Search: Blocked Domains") as unknown as HTMLTextAreaElement;
  const before = area.rows;

  await type(
    "Web Search: Blocked Domains",
    "a.example\nb.example\nc.example\nd.example",
  );
  await press(page.button("Show changes"));

  expect(area.rows).toBeGreaterThan(before);
  expect(text(".cc-save-changes tbody td:nth-child(3)")).toBe(
    "a.example, b.example, c.example, d.example",
  );
  await save();
  expect(saved()[`${OPTIONS}anthropic.blocked_domains`]).toContain("\nb.example\n");
});

it("lists what no field shows: hidden, unknown, and of other providers", async () => {
  await show(editorViews.full);

  expect(text(".cc-kept summary")).toBe(
    "2 settings that this form does not show are kept and sent back unchanged.",
  );
  expect(all(".cc-kept-list span").map(nameOf)).toEqual([
    "provider_options.anthropic.option_of_tomorrow",
    "provider_options.openai.store",
  ]);
});

it("draws whatever kinds of field the kernel may send", async () => {
  const code = '{"a": [1, "<img src=x onerror=alert(1)>"]}';
  await show(
    withFields([
      { path: "a", label: "Free", kind: "json", hint: "JSON" },
      { path: "b", label: "<b>Names</b>", kind: "lines" },
    ]),
  );

  await type("Free", code);
  await save();

  expect(saved().a).toBe(code);
  expect(all("img, b:has(+ textarea)")).toEqual([]);
  expect(input("<b>Names</b>").tagName).toBe("TEXTAREA");
  expect(input("Free").classList).toContain("cc-area-code");
});

it("shows all of it, and lets nothing be changed, to who may not", async () => {
  await show({ ...editorViews.options, read_only: "Only an admin can." });

  const fields = all<HTMLInputElement>(".cc-editor-form :is(input, textarea)");
  expect(fields.every(({ readOnly }) => readOnly)).toBe(true);
  expect(all(".cc-fold select, .cc-fold [role=radio]")).toEqual([]);
  expect(text('[data-path$="parallel_tool_calls"] .cc-field-fixed')).toBe("Off");
});

it.each(["openai", "bedrock", "openrouter"])(
  "fits a narrow cell with the options of %s",
  async (type) => {
    await show(editorViews.options, 360);
    await press(row(`model-of-${type}`));
    for (const path of ["parallel_tool_calls", "tool_use"])
      for (const way of all(`[data-path$="${path}"] [role=radio][aria-checked=false]`))
        await press(way);

    const over = all(".cc-field").flatMap((field) => {
      const { right } = field.getBoundingClientRect();
      const parts = [...field.querySelectorAll("*")];
      return parts.filter((part) => part.getBoundingClientRect().right > right + 1);
    });
    expect(over.map((part) => part.outerHTML)).toEqual([]);
    expect(page.el.scrollWidth).toBeLessThanOrEqual(360);
  },
);

it("names every control of every type, and says what it is for", async () => {
  for (const name of ["openai", "google", "openrouter", "vercel", "bedrock"]) {
    await open(name);
    const controls = all(".cc-fold :is(input, select, textarea, [role=radiogroup])");
    expect(controls.filter((one) => !one.ariaLabel).map(nameOf)).toEqual([]);
    expect(controls.filter((one) => !one.ariaDescription).map(nameOf)).toEqual([]);
    page.close();
  }
});
