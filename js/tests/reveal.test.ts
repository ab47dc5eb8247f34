import { expect, it } from "vitest";
import { Reveal } from "../src/views/chat/reveal.js";

const moving = () => false;

it("shows a lump at once when lumps come often", () => {
  const reveal = new Reveal(moving);
  reveal.show("a", 1_000);

  expect(reveal.show("a and b", 1_033)).toBe("a and b");
});

it("lets a lump out evenly when lumps come seldom, and lags one step at most", () => {
  const reveal = new Reveal(moving);
  const text = "x".repeat(100);
  reveal.show(text.slice(0, 10), 1_000);

  const lengths = [];
  for (let now = 1_250; now <= 1_520; now += 16)
    lengths.push(reveal.show(text, now).length);

  expect(lengths[0]).toBeLessThan(40);
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  expect(lengths.at(-1)).toBe(100);
  expect(reveal.isBehind).toBe(false);
});

it("never cuts a character in two", () => {
  const reveal = new Reveal(moving);
  const text = "😀".repeat(50);
  reveal.show("😀", 1_000);

  for (let now = 1_250; now <= 1_500; now += 7) {
    const shown = reveal.show(text, now);
    expect(shown.length % 2).toBe(0);
  }
});

it("holds nothing back from a reader who wants no motion", () => {
  const reveal = new Reveal(() => true);
  reveal.show("a", 1_000);

  expect(reveal.show("a and much more", 1_300)).toBe("a and much more");
});
