/** Drawing at most once a frame, and less often when drawing is slow. */
import type { Undo } from "./part.js";

/** A draw may take this share of the main thread, one part in so many. */
const SHARE = 5;

export interface Painter {
  /** Draw soon; asking again before that changes nothing. */
  request(): void;
  close: Undo;
}

export function painter(draw: () => void): Painter {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let freeAt = 0;

  function paint(): void {
    frame = 0;
    const began = performance.now();
    draw();
    const now = performance.now();
    freeAt = now + (now - began) * (SHARE - 1);
  }

  function onFrame(): void {
    const wait = freeAt - performance.now();
    if (wait <= 0) {
      paint();
      return;
    }
    timer = setTimeout(() => {
      timer = undefined;
      frame = requestAnimationFrame(paint);
    }, wait);
  }

  return {
    request() {
      if (frame === 0) frame = requestAnimationFrame(onFrame);
    },
    close() {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    },
  };
}
