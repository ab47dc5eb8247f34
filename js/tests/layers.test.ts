/** Imports of the page go down and never sideways; only few ever see a model. */
import { expect, it } from "vitest";

const LAYERS = ["dom", "markdown", "bridge", "charts", "store", "views", "entries"];
const sources = import.meta.glob("../src/**/*.ts", {
  query: "?raw",
  import: "default",
  eager: true,
}) as Record<string, string>;

const files = Object.entries(sources).map(([path, text]) => ({
  path: path.replace("../src/", ""),
  text,
}));
const layerOf = (path: string) => LAYERS.indexOf(path.split("/")[0] ?? "");

function imports({ path, text }: { path: string; text: string }): string[] {
  const folder = path.split("/").slice(0, -1);
  return [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, to = ""]) => {
    const parts = [...folder];
    for (const step of to.split("/")) {
      if (step === "..") parts.pop();
      else if (step !== ".") parts.push(step);
    }
    return parts.join("/");
  });
}

it("knows every folder", () => {
  expect(files.filter(({ path }) => layerOf(path) < 0).map(({ path }) => path)).toEqual(
    [],
  );
});

it("lets imports go down only", () => {
  const wrong = files.flatMap((file) =>
    imports(file)
      .filter((to) => layerOf(to) > layerOf(file.path))
      .map((to) => `${file.path} imports ${to}`),
  );

  expect(wrong).toEqual([]);
});

it("shows a model to the entries, the parts and the connection alone", () => {
  const seers = files
    .filter(({ text }) => text.includes("AnyModel"))
    .map(({ path }) => path)
    .filter((path) => !/^entries\/|\/part\.ts$|^bridge\/connection\.ts$/.test(path));

  expect(seers).toEqual([]);
});

it("inserts no HTML text, fetches nothing and needs no secure context", () => {
  const wrong = files.filter(({ text }) =>
    /innerHTML|outerHTML|insertAdjacentHTML|unsafeHTML|\bfetch\(|XMLHttpRequest|randomUUID|document\.write/.test(
      text.replace(/\/\/.*$/gm, "").replace(/\/\*[\s\S]*?\*\//g, ""),
    ),
  );

  expect(wrong.map(({ path }) => path)).toEqual([]);
});
