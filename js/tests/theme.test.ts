import { afterEach, expect, it } from "vitest";
import { hostTheme } from "../src/dom/theme.js";
import { chatView } from "./gallery/fixtures/views.js";
import { drawn, mounted } from "./support.js";

const { body } = document;

afterEach(() => {
  delete body.dataset.jpThemeLight;
  delete body.dataset.vscodeThemeKind;
  body.className = "";
});

it("takes JupyterLab's word, then VS Code's, then the system's", () => {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  expect(hostTheme()).toBe(system);
  body.className = "vscode-dark";
  expect(hostTheme()).toBe("dark");
  body.dataset.vscodeThemeKind = "vscode-high-contrast-light";
  expect(hostTheme()).toBe("light");
  body.dataset.jpThemeLight = "false";
  expect(hostTheme()).toBe("dark");
});

it("follows the host while it is shown, colours and all", async () => {
  body.dataset.jpThemeLight = "true";
  const chat = mounted(chatView());
  await drawn();
  const light = getComputedStyle(chat.el).backgroundColor;

  body.dataset.jpThemeLight = "false";
  await expect.poll(() => chat.el.dataset.ccTheme).toBe("dark");

  expect(getComputedStyle(chat.el).backgroundColor).not.toBe(light);
  chat.close();
});

it("lets the host's own colours through", async () => {
  body.style.setProperty("--jp-layout-color1", "rgb(1, 2, 3)");
  const chat = mounted(chatView());
  await drawn();

  expect(getComputedStyle(chat.el).backgroundColor).toBe("rgb(1, 2, 3)");
  chat.close();
  body.style.removeProperty("--jp-layout-color1");
});
