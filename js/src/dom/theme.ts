/** Light or dark: the host's word, else the system's. */
import type { Undo } from "./part.js";

export type Theme = "light" | "dark";

const SYSTEM = "(prefers-color-scheme: dark)";

export function hostTheme(): Theme {
  const { dataset, classList } = document.body;
  if (dataset.jpThemeLight !== undefined)
    return dataset.jpThemeLight === "true" ? "light" : "dark";
  const kind = dataset.vscodeThemeKind ?? "";
  if (kind !== "") return kind.includes("light") ? "light" : "dark";
  if (classList.contains("vscode-dark")) return "dark";
  if (classList.contains("vscode-light")) return "light";
  return matchMedia(SYSTEM).matches ? "dark" : "light";
}

/** Keep `data-cc-theme` of `root` in step with the host. */
export function followTheme(root: HTMLElement): Undo {
  const update = () => {
    root.dataset.ccTheme = hostTheme();
  };
  const observer = new MutationObserver(update);
  observer.observe(document.body, { attributes: true });
  const system = matchMedia(SYSTEM);
  system.addEventListener("change", update);
  update();
  return () => {
    observer.disconnect();
    system.removeEventListener("change", update);
  };
}
