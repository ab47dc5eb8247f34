/** Colours for code in eight languages; everything else stays plain. */
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES = { bash, css, javascript, json, python, sql, typescript, yaml };
for (const [name, definition] of Object.entries(LANGUAGES))
  hljs.registerLanguage(name, definition);
hljs.registerAliases(["console", "shell", "sh-session"], { languageName: "bash" });
hljs.registerAliases(["ipython", "ipython3"], { languageName: "python" });

/** HTML of highlighted code, or `undefined` for a language that is not here. */
export function highlighted(code: string, language: string): string | undefined {
  if (hljs.getLanguage(language) === undefined) return undefined;
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
