/**
 * Pictures of every specimen: light, dark, narrow, and in JupyterLab's colours.
 *
 * `npm run gallery` writes them to tests/gallery/shots; `npm run gallery -- chat-`
 * only those whose name begins so.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { chromium } from "playwright";
import { inlineCss } from "../../build-css.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "shots");
const prefix = process.argv[2] ?? "";

const LAB = {
  light: {
    "--jp-layout-color1": "#fff",
    "--jp-ui-font-color1": "rgba(0, 0, 0, 0.87)",
    "--jp-border-color2": "#e0e0e0",
    "--jp-input-border-color": "#7f8388",
    "--jp-brand-color1": "#1976d2",
    "--jp-ui-inverse-font-color1": "#fff",
    "--jp-content-link-color": "#1565c0",
    "--jp-success-color1": "#388e3c",
    "--jp-warn-color1": "#ffa000",
    "--jp-error-color1": "#d32f2f",
  },
  dark: {
    "--jp-layout-color1": "#212121",
    "--jp-ui-font-color1": "#fff",
    "--jp-border-color2": "#616161",
    "--jp-input-border-color": "#7c7c7c",
    "--jp-brand-color1": "#2196f3",
    "--jp-ui-inverse-font-color1": "rgba(0, 0, 0, 1)",
    "--jp-content-link-color": "#64b5f6",
    "--jp-success-color1": "#4caf50",
    "--jp-warn-color1": "#ffa000",
    "--jp-error-color1": "#ef5350",
  },
};

/** What JupyterLab says of everything that stands in an output. */
const LAB_OUTPUT = `
  body.theirs :is(h1, h2, h3, h4, h5, h6) { line-height: 1; font-weight: 500; margin: 1.2em 0 .8em; }
  body.theirs h2 { font-size: 1.44em; }
  body.theirs :is(ul, ol) { padding-left: 2em; margin-bottom: 1em; }
  body.theirs :is(p, dl) { margin-bottom: 1em; text-align: left; }
  body.theirs dt { font-weight: bold; float: left; width: 20%; }
  body.theirs a:link { text-decoration: none; }
  body.theirs.theirs :is(pre, code) { border: 0; background: #8882; font-size: inherit; padding: 0; }
  body.theirs table { border: none; font-size: 13px; table-layout: fixed; margin: 0 auto 1em; }
  body.theirs.theirs :is(td, th, tr) { vertical-align: middle; padding: .5em; line-height: normal; text-align: right; border: none; }
  body.theirs tbody tr:nth-child(odd) { background: #8881; }
  body.theirs.theirs kbd { background: #8883; border: 1px solid; border-radius: 3px; box-shadow: inset 0 -1px 0 #888; padding: 1px 4px; font-size: 90%; }
  body.theirs :is(img, svg) { max-width: 100%; height: auto; }
`;

const LOOKS = [
  { look: "light", theme: "light", width: 860 },
  { look: "dark", theme: "dark", width: 860 },
  { look: "narrow", theme: "light", width: 360 },
  { look: "narrow-dark", theme: "dark", width: 360 },
  { look: "lab-dark", theme: "dark", width: 860, lab: LAB.dark },
  { look: "lab-light", theme: "light", width: 860, lab: LAB.light },
];

const bundle = await esbuild.build({
  entryPoints: [path.join(here, "gallery.ts")],
  bundle: true,
  format: "iife",
  write: false,
  plugins: [inlineCss],
});
const place = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const browser = await chromium.launch({
  ...(existsSync(place) ? { executablePath: place } : {}),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
await mkdir(out, { recursive: true });
try {
  for (const { look, theme, width, lab } of LOOKS) {
    const page = await browser.newPage({
      viewport: { width: width + 48, height: 900 },
      colorScheme: theme,
      reducedMotion: "reduce",
    });
    page.on("pageerror", (error) => console.error(`${look}: ${error.message}`));
    await page.setContent(
      `<!doctype html><body class="${lab ? "theirs" : ""}" style="margin:24px;background:${theme === "dark" ? "#101216" : "#e9eaed"}">`,
    );
    if (lab)
      await page.evaluate((colours) => {
        for (const [name, value] of Object.entries(colours))
          document.documentElement.style.setProperty(name, value);
      }, lab);
    if (lab) await page.addStyleTag({ content: LAB_OUTPUT });
    await page.addScriptTag({ content: bundle.outputFiles[0].text });
    for (const name of await page.evaluate(() => window.specimenNames)) {
      if (!name.startsWith(prefix)) continue;
      const specimen = await page.evaluate((wanted) => {
        window.showSpecimen(wanted);
        return window.specimenOf(wanted);
      }, name);
      for (const selector of specimen.clicks ?? [])
        await page.locator(selector).first().click();
      if (specimen.type)
        await page.locator("textarea, input").first().fill(specimen.type);
      await page.mouse.move(0, 0);
      await page.evaluate(
        () =>
          new Promise((done) =>
            requestAnimationFrame(() => requestAnimationFrame(done)),
          ),
      );
      await page.screenshot({
        path: path.join(out, `${name}-${look}.png`),
        fullPage: true,
      });
    }
    await page.close();
  }
} finally {
  await browser.close();
}
