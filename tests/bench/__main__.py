"""Every benchmark, one after the other: `python -m tests.bench [NAME ...]`."""

from __future__ import annotations

import importlib
import sys
from typing import Final

_NAMES: Final = ("cost", "receive", "tokens", "load")
"""Modules here, each with a `main`: from the smallest part to the whole."""


def _main(names: list[str]) -> None:
    for name in names or _NAMES:
        module = importlib.import_module(f"tests.bench.{name}")
        print(f"\n=== {name}: {(module.__doc__ or '').splitlines()[0]}\n", flush=True)
        module.main()


if __name__ == "__main__":
    _main(sys.argv[1:])
