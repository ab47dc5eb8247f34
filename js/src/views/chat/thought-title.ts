/** Many models head a thought with a line that says what it is about. */

const MAX_TITLE = 96;
const MAX_WORDS = 12;

export interface ThoughtTitle {
  title: string;
  body: string;
}

/** The heading of a thought, if its first line is one, and the rest. */
export function thoughtTitle(text: string): ThoughtTitle {
  const trimmed = text.trimStart();
  const end = trimmed.indexOf("\n");
  const line = (end < 0 ? trimmed : trimmed.slice(0, end)).trim();
  const marked = /^(?:#{1,6}\s+(.+?)\s*#*|\*\*(.+?)\*\*:?)$/.exec(line);
  const title = marked?.[1] ?? marked?.[2] ?? "";
  if (title === "" || title.length > MAX_TITLE) return { title: "", body: text };
  if (title.split(/\s+/).length > MAX_WORDS) return { title: "", body: text };
  return { title, body: end < 0 ? "" : trimmed.slice(end + 1).trimStart() };
}
