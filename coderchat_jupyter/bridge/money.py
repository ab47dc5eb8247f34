"""Amounts and token counts as people read them; the page has a twin.

`js/src/charts/money.ts` says the same for the page, and
`tests/fixtures/page/money.json` holds both to it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["axis_usd", "tokens_text", "usd", "usd_answer"]

MICROS: Final = 1_000_000
"""Micro-dollars in a dollar."""


def usd(micros: int) -> str:
    """A total: two decimals, four under a cent, never zero for what is not zero."""
    if micros == 0 or micros >= MICROS // 100:
        return _fixed(micros, 2)
    if micros < 50:
        return "<$0.0001"
    return _fixed(micros, 4)


def usd_answer(micros: int) -> str:
    """One answer: four decimals under a dollar, because they are small."""
    if 0 < micros < 50:
        return "<$0.0001"
    return _fixed(micros, 4 if 0 < micros < MICROS else 2)


def axis_usd(micros: int, step: int) -> str:
    """A mark on an axis whose marks are `step` apart: as exact as they differ."""
    if micros == 0:
        return "$0"
    decimals = next(d for d in (0, 2, 3, 4, 5, 6) if step % 10 ** (6 - d) == 0)
    return _fixed(micros, decimals)


def tokens_text(count: int) -> str:
    """A token count: 9,870, then 84.2K, 252K and 6.92M."""
    if count < 10_000:
        return f"{count:,}"
    if count < 99_950:
        tenths = (count + 50) // 100
        return f"{tenths // 10}.{tenths % 10}K"
    if count < 999_500:
        return f"{(count + 500) // 1000}K"
    hundredths = (count + 5_000) // 10_000
    return f"{hundredths // 100:,}.{hundredths % 100:02}M"


def _fixed(micros: int, decimals: int) -> str:
    """Round half up, in whole numbers: a float would lose the last digits."""
    unit = 10 ** (6 - decimals)
    whole, rest = divmod((micros + unit // 2) // unit, 10**decimals)
    return f"${whole:,}" + (f".{rest:0{decimals}}" if decimals else "")
