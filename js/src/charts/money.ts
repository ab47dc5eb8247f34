/**
 * Amounts and token counts as people read them.
 *
 * The twin of `bridge/money.py`; `tests/fixtures/page/money.json` holds both to
 * the same sentences.
 */

const MICROS = 1_000_000;

/** A total: two decimals, four under a cent, never zero for what is not zero. */
export function usd(micros: number): string {
  if (micros === 0 || micros >= MICROS / 100) return fixed(micros, 2);
  if (micros < 50) return "<$0.0001";
  return fixed(micros, 4);
}

/** A mark on an axis whose marks are `step` apart: as exact as they differ. */
export function axisUsd(micros: number, step: number): string {
  if (micros === 0) return "$0";
  const decimals = [0, 2, 3, 4, 5].find((d) => step % 10 ** (6 - d) === 0) ?? 6;
  return fixed(micros, decimals);
}

/** A token count: 9,870, then 84.2K, 252K and 6.92M. */
export function tokensText(count: number): string {
  if (count < 10_000) return grouped(count);
  if (count < 99_950) {
    const tenths = Math.floor((count + 50) / 100);
    return `${Math.floor(tenths / 10)}.${tenths % 10}K`;
  }
  if (count < 999_500) return `${Math.floor((count + 500) / 1000)}K`;
  const hundredths = Math.floor((count + 5_000) / 10_000);
  const rest = String(hundredths % 100).padStart(2, "0");
  return `${grouped(Math.floor(hundredths / 100))}.${rest}M`;
}

/** A count with its noun: `1 request`, `1,850 requests`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Thousands set apart, the same in every locale: figures here are English. */
export function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

function fixed(micros: number, decimals: number): string {
  const unit = 10 ** (6 - decimals);
  const scaled = Math.floor((micros + Math.floor(unit / 2)) / unit);
  const whole = `$${grouped(Math.floor(scaled / 10 ** decimals))}`;
  if (decimals === 0) return whole;
  return `${whole}.${String(scaled % 10 ** decimals).padStart(decimals, "0")}`;
}
