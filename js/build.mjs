/**
 * Bundle the page into the Python package.
 *
 * `page.js` is everything, plain; `hub.js` is the same, packed, for the widget
 * that carries it; `child.js` is what every widget in a cell carries instead.
 * Each is one file without imports: a host loads it from a blob, where nothing
 * relative resolves and nothing foreign may be fetched.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { inlineCss } from "./build-css.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "coderchat_jupyter", "widgets", "static");

/** Bytes after gzip that each file may have. */
const BUDGET = { "page.js": 100_000, "hub.js": 100_000, "child.js": 1_500 };

/** Libraries name their own sites in messages; nothing here may name a host. */
const noForeignAddress = {
  name: "no-foreign-address",
  setup(build) {
    build.onLoad({ filter: /node_modules[\\/].*\.m?js$/ }, async (args) => {
      const source = await readFile(args.path, "utf8");
      const contents = source.replace(
        /https?:\/\/(?!www\.w3\.org\/)[\w.-]+\.[a-z]{2,}[\w./#?=-]*/g,
        "its documentation",
      );
      return { contents, loader: "js" };
    });
  },
};

const plain = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "external",
  logLevel: "warning",
  write: false,
  metafile: true,
  entryPoints: { page: "src/entries/page.ts", child: "src/entries/child.ts" },
  plugins: [inlineCss, noForeignAddress],
};

/** The hub: a loader and the page, gzipped. A saved notebook holds it once. */
async function pack(page) {
  const loader = await readFile(path.join(here, "src", "entries", "hub.js"), "utf8");
  const packed = gzipSync(page, { level: 9 }).toString("base64");
  const { code } = await esbuild.transform(loader, {
    minify: true,
    format: "esm",
    target: "es2022",
    define: { PACKED: JSON.stringify(packed) },
  });
  return code;
}

function check(name, text) {
  const size = gzipSync(text, { level: 9 }).length;
  const problems = [];
  if (size > BUDGET[name])
    problems.push(`${size} bytes gzipped, the budget is ${BUDGET[name]}`);
  for (const [address] of text.matchAll(/https?:\/\/[\w.-]+\.[a-z]{2,}/g))
    if (!address.endsWith("//www.w3.org")) problems.push(`it names ${address}`);
  if (problems.length) throw new Error(`${name}: ${problems.join("; ")}`);
  console.log(`${name.padEnd(10)} ${text.length} bytes, ${size} gzipped`);
}

async function emit(result) {
  if (result.errors.length) return;
  for (const [file, { imports }] of Object.entries(result.metafile.outputs))
    if (imports.length > 0)
      throw new Error(`${path.basename(file)} imports ${imports[0].path}`);
  await mkdir(out, { recursive: true });
  const files = Object.fromEntries(
    result.outputFiles.map((file) => [path.basename(file.path), file.text]),
  );
  files["hub.js"] = await pack(files["page.js"]);
  for (const name of Object.keys(BUDGET)) check(name, files[name]);
  for (const [name, text] of Object.entries(files))
    await writeFile(path.join(out, name), text);
}

if (process.argv.includes("--watch")) {
  const onEnd = {
    name: "emit",
    setup(build) {
      build.onEnd((result) =>
        emit(result).catch((error) => console.error(error.message)),
      );
    },
  };
  const context = await esbuild.context({
    ...plain,
    plugins: [...plain.plugins, onEnd],
  });
  await context.watch();
} else {
  try {
    await emit(await esbuild.build(plain));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
