/** Style sheets as strings, the way Vite has them. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));

/** `import css from "./x.css?inline"`, as Vite has it: the sheet as a string. */
export const inlineCss = {
  name: "inline-css",
  setup(build) {
    build.onResolve({ filter: /\.css\?inline$/ }, (args) => ({
      path: path.join(args.resolveDir, args.path.replace(/\?inline$/, "")),
      namespace: "inline-css",
    }));
    build.onLoad({ filter: /.*/, namespace: "inline-css" }, async (args) => {
      const sheet = await esbuild.build({
        entryPoints: [args.path],
        bundle: true,
        minify: true,
        write: false,
        metafile: true,
        absWorkingDir: here,
      });
      const watched = Object.keys(sheet.metafile.inputs).map((p) => path.join(here, p));
      return {
        contents: sheet.outputFiles[0].text,
        loader: "text",
        watchFiles: watched,
      };
    });
  },
};
