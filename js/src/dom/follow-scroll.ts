/**
 * Keep a scroller at its end while text arrives, until the reader looks elsewhere.
 *
 * Any move up lets go: wheel, keys, scroll bar, touch, a selection. From then on
 * `scrollTop` never changes by itself. Reaching the end by hand takes hold again.
 */
import type { Undo } from "./part.js";

/** Nearer to the end than this counts as at the end. */
const NEAR = 24;

export interface FollowScroll {
  /** The end is shown, and will be when more arrives. */
  readonly isFollowing: boolean;
  /** Go to the end and stay there. */
  follow(): void;
  /** Content changed: go to the end, if that is where the reader is. */
  settle(): void;
  close: Undo;
}

export function followScroll(
  scroller: HTMLElement,
  content: HTMLElement,
  onChange: () => void,
): FollowScroll {
  let following = true;
  let top = scroller.scrollTop;

  const distance = () =>
    scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;

  function set(next: boolean): void {
    if (next === following) return;
    following = next;
    onChange();
  }

  function settle(): void {
    if (!following) return;
    scroller.scrollTop = scroller.scrollHeight;
    top = scroller.scrollTop;
  }

  function onScroll(): void {
    const before = top;
    top = scroller.scrollTop;
    if (distance() <= NEAR) set(true);
    else if (top < before) set(false);
  }

  function onWheel(event: WheelEvent): void {
    if (event.deltaY < 0 && scroller.scrollHeight > scroller.clientHeight) set(false);
  }

  function onSelection(): void {
    const selection = document.getSelection();
    if (selection === null || selection.isCollapsed) return;
    if (content.contains(selection.anchorNode)) set(false);
  }

  scroller.addEventListener("scroll", onScroll, { passive: true });
  scroller.addEventListener("wheel", onWheel, { passive: true });
  document.addEventListener("selectionchange", onSelection);
  const sizes = new ResizeObserver(settle);
  sizes.observe(scroller);
  sizes.observe(content);

  return {
    get isFollowing() {
      return following;
    },
    follow() {
      set(true);
      settle();
    },
    settle,
    close() {
      scroller.removeEventListener("scroll", onScroll);
      scroller.removeEventListener("wheel", onWheel);
      document.removeEventListener("selectionchange", onSelection);
      sizes.disconnect();
    },
  };
}
