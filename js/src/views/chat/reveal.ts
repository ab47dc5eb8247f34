/**
 * Text that arrives in lumps, let out evenly.
 *
 * The kernel speaks less often the longer an answer gets; between two of its
 * messages the page shows what it has piece by piece. It never lags more than
 * one step behind, and the end of an answer is shown at once.
 */

/** Steps shorter than this look even as they are. */
const EVEN_MS = 60;
const LONGEST_MS = 300;

export class Reveal {
  readonly #isStill: () => boolean;
  #text = "";
  #shown = 0;
  #step = 0;
  #arrivedAt = 0;
  #drawnAt = 0;

  /** `isStill`: whether the reader wants nothing to move. */
  constructor(isStill: () => boolean = prefersStill) {
    this.#isStill = isStill;
  }

  /** What to show at `now` of a text that is open and stands at `text`. */
  show(text: string, now: number): string {
    if (text !== this.#text) this.#arrive(text, now);
    const backlog = this.#text.length - this.#shown;
    if (backlog <= 0) return this.#text;
    if (this.#step < EVEN_MS || this.#isStill()) {
      this.#shown = this.#text.length;
    } else {
      const left = Math.max(16, this.#arrivedAt + this.#step - now);
      const share = Math.min(1, Math.max(8, now - this.#drawnAt) / left);
      this.#shown += Math.max(1, Math.ceil(backlog * share));
      const code = this.#text.charCodeAt(this.#shown - 1);
      if (code >= 0xd800 && code < 0xdc00) this.#shown += 1;
    }
    this.#drawnAt = now;
    return this.#text.slice(0, this.#shown);
  }

  /** Something is still held back. */
  get isBehind(): boolean {
    return this.#shown < this.#text.length;
  }

  #arrive(text: string, now: number): void {
    if (!text.startsWith(this.#text)) this.#shown = 0;
    if (this.#arrivedAt === 0) {
      // The first lump is shown as it is: it may be a whole answer so far.
      this.#shown = text.length;
    } else {
      const step = Math.min(LONGEST_MS, now - this.#arrivedAt);
      this.#step = this.#step === 0 ? step : (this.#step + step) / 2;
    }
    this.#arrivedAt = now;
    this.#drawnAt = now;
    this.#text = text;
  }
}

function prefersStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
