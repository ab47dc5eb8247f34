/** Patches of the chat view, the page's twin of `bridge/diff.py`. */
import type { Block, ChatPatch, ChatView, Row } from "../bridge/chat-types.js";

/** The view after one patch. What the patch does not name stays the same object. */
export function applyChatPatch(view: ChatView, patch: ChatPatch): ChatView {
  switch (patch.op) {
    case "fields_changed":
      return { ...view, ...patch.changes };
    case "rows_spliced":
      return { ...view, rows: spliced(view.rows, patch.at, patch.removed, patch.rows) };
    case "row_changed":
      return withRow(view, patch.row, (row) => ({ ...row, ...patch.changes }));
    case "blocks_spliced":
      return withRow(view, patch.row, (row) => ({
        ...row,
        blocks: spliced(row.blocks, patch.at, patch.removed, patch.blocks),
      }));
    case "block_changed":
      return withBlock(view, patch.row, patch.block, (block) => {
        return { ...block, ...patch.changes } as Block;
      });
    case "text_appended":
      return withBlock(view, patch.row, patch.block, (block) => {
        const before = (block as unknown as Record<string, string>)[patch.field] ?? "";
        return { ...block, [patch.field]: before + patch.text } as Block;
      });
    default:
      return patch satisfies never;
  }
}

function spliced<T>(
  list: readonly T[],
  at: number,
  removed: number,
  fresh: readonly T[],
): readonly T[] {
  return [...list.slice(0, at), ...fresh, ...list.slice(at + removed)];
}

function withRow(view: ChatView, at: number, change: (row: Row) => Row): ChatView {
  const row = view.rows[at];
  if (row === undefined) return view;
  return { ...view, rows: view.rows.with(at, change(row)) };
}

function withBlock(
  view: ChatView,
  at: number,
  index: number,
  change: (block: Block) => Block,
): ChatView {
  return withRow(view, at, (row) => {
    const block = row.blocks[index];
    if (block === undefined) return row;
    return { ...row, blocks: row.blocks.with(index, change(block)) };
  });
}
