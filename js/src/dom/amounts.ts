/** Tokens and money as an answer's footer says them. */

const MICROS = 1_000_000;

/** One answer: four decimals under a dollar, because they are small. */
export function answerCost(micros: number): string {
  if (micros > 0 && micros < 50) return "<$0.0001";
  const decimals = micros > 0 && micros < MICROS ? 4 : 2;
  return `$${(micros / MICROS).toFixed(decimals)}`;
}

/** A total: two decimals, four under a cent, never zero for what is not zero. */
export function totalCost(micros: number): string {
  if (micros === 0 || micros >= MICROS / 100) return `$${(micros / MICROS).toFixed(2)}`;
  return answerCost(micros);
}

export function tokens(count: number): string {
  return count.toLocaleString("en-US");
}

/** A context size: 200K, 1M. */
export function contextSize(count: number): string {
  if (count >= MICROS) return `${+(count / MICROS).toFixed(1)}M`;
  return count >= 1_000 ? `${Math.round(count / 1_000)}K` : String(count);
}
