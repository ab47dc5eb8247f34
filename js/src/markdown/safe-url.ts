/** Which addresses of a model's text may become links. */

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** The address to link to, or `undefined` if it must stay text. */
export function safeUrl(address: string): string | undefined {
  // Browsers skip control characters and spaces inside schemes; we do not guess.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(address.trim())) return undefined;
  const text = address.trim();
  if (/^#[\w-]+$/.test(text)) return text;
  try {
    const url = new URL(text);
    return SCHEMES.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined; // relative: it would lead into the notebook's own server
  }
}
