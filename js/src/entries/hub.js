/**
 * What the hub widget carries: the page, packed, and how to unpack it.
 *
 * One hub per kernel holds the code of all widgets, so a notebook with twenty
 * of them saves it once.
 */
/* global PACKED */
async function unpack() {
  const bytes = Uint8Array.from(atob(PACKED), (character) => character.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

// The host gives `initialize` two seconds; what takes longer is awaited by the
// widgets that need it, through the promise.
export default { initialize: () => ({ page: unpack() }) };
